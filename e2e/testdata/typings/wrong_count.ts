import { HubConnectionBuilder } from "@microsoft/signalr";
import type { TestConnection } from "./hubs.js";

const hub: TestConnection = new HubConnectionBuilder().withUrl("/hubs/test").build();
await hub.invoke("Echo"); // ERROR TS2554
export {};
