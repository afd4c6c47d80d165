import { HubConnectionBuilder } from "@microsoft/signalr";
import type { TestConnection } from "./hubs.js";

const hub: TestConnection = new HubConnectionBuilder().withUrl("/hubs/test").build();
hub.on("mesage", (text: string) => console.log(text)); // ERROR TS2345
export {};
