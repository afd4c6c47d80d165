// What a page may do, in MessagePack.
import { HubConnectionBuilder, Subject } from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";
import type { Colour, Kinds, TestConnection } from "./packed.js";

const hub: TestConnection = new HubConnectionBuilder()
  .withUrl("/hubs/test")
  .withHubProtocol(new MessagePackHubProtocol())
  .build();
await hub.start();
const kinds: Kinds = await hub.invoke("FixedKinds");
const green: Colour = "Green";
const moment: Date = kinds.Moment;
const length: number | undefined = kinds.Bytes?.length;
const blobs = new Subject<Uint8Array>();
await hub.send("Bytes", blobs);
blobs.next(new Uint8Array([1, 2]));
hub.on("placed", (place) => console.log(place.X + place.Y));
console.log(kinds.Colour === green, moment.getTime(), length, kinds.GUID);
export {};
