// What a page may do, in the JSON protocol.
import { HubConnectionBuilder, Subject } from "@microsoft/signalr";
import type { Colour, Kinds, TestConnection } from "./hubs.js";

const hub: TestConnection = new HubConnectionBuilder().withUrl("/hubs/test").withAutomaticReconnect().build();
hub.onreconnected((id) => console.log(id));
await hub.start();

const text: string = await hub.invoke("Echo", "hello");
const claim: string | null = await hub.invoke("Claim", "role");
const nothing: void = await hub.invoke("Nothing");
await hub.send("Tell", "others", "hello", null);
await hub.send("Tell", "allExcept", "hello", [], ["id"]);
await hub.invoke("Typed", 1, "two", [true]);
await hub.invoke("Typed", 1, "two", [true], 4.5);

const heard = (said: string): void => console.log(said);
hub.on("message", heard);
hub.off("message", heard);
hub.off("message");
hub.on("answer", (question) => question.toUpperCase());
hub.on("numbers", async () => [1, 2, 3]);
hub.on("placed", (place) => console.log(place.x + place.y));

hub.stream("Count", 1, 10).subscribe({
  next: (n) => console.log(n.toFixed()),
  error: (reason) => console.error(reason),
  complete: () => console.log("done"),
});
const texts = new Subject<string>();
const whole: Promise<string> = hub.invoke("Concat", texts);
texts.next("a");
texts.complete();

const kinds: Kinds = await hub.invoke("FixedKinds");
const green: Colour = 1;
const moment = new Date(kinds.moment);
const bytes = atob(kinds.bytes ?? "");
console.log(text, claim, nothing, await whole, kinds.colour === green, moment, bytes, kinds.guid, kinds.nobody?.name);
export {};
