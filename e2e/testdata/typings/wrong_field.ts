import { HubConnectionBuilder } from "@microsoft/signalr";
import type { TestConnection } from "./hubs.js";

const hub: TestConnection = new HubConnectionBuilder().withUrl("/hubs/test").build();
const kinds = await hub.invoke("FixedKinds");
console.log(kinds.Moment); // ERROR TS2551
export {};
