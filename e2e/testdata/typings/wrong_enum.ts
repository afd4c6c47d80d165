import { HubConnectionBuilder } from "@microsoft/signalr";
import type { TestConnection } from "./hubs.js";

const hub: TestConnection = new HubConnectionBuilder().withUrl("/hubs/test").build();
const kinds = await hub.invoke("FixedKinds");
await hub.invoke("Kinds", { ...kinds, colour: 3 }); // ERROR TS2322
export {};
