import { HubConnectionBuilder } from "@microsoft/signalr";
import type { TestConnection } from "./hubs.js";

const hub: TestConnection = new HubConnectionBuilder().withUrl("/hubs/test").build();
hub.stream("Letters").subscribe({
  next: (letter: number) => console.log(letter), // ERROR TS2322
  error: () => {},
  complete: () => {},
});
export {};
