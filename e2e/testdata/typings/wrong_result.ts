import { HubConnectionBuilder } from "@microsoft/signalr";
import type { TestConnection } from "./hubs.js";

const hub: TestConnection = new HubConnectionBuilder().withUrl("/hubs/test").build();
const length: number = await hub.invoke("Echo", "hello"); // ERROR TS2322
console.log(length);
export {};
