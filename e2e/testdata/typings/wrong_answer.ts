import { HubConnectionBuilder } from "@microsoft/signalr";
import type { TestConnection } from "./hubs.js";

const hub: TestConnection = new HubConnectionBuilder().withUrl("/hubs/test").build();
hub.on("answer", (question) => question.length); // ERROR TS2322
export {};
