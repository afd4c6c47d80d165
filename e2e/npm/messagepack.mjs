// The unmodified protocol object of the npm client, without a connection: reads
// one object of JSON and writes one.
//
//   -> {"messages": [{...}], "frames": ["base64"], "values": ["new Date(0)"]}
//   <- {"messages": ["base64"], "frames": [[{...}]], "values": [{"frame": "base64", "json": "..."}]}
//
// Messages are written, frames are parsed, values are expressions of JavaScript
// that are written as stream items.
import { text } from "node:stream/consumers";
import { NullLogger } from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";

const protocol = new MessagePackHubProtocol();

// Bytes have no JSON of their own; all else is as JSON.stringify has it.
const plain = (_, value) =>
  value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;

const written = (message) =>
  Buffer.from(protocol.writeMessage(message)).toString("base64");

const parsed = (frame) => {
  const bytes = Buffer.from(frame, "base64");
  const buffer = bytes.buffer.slice(
    bytes.byteOffset,
    bytes.byteOffset + bytes.length,
  );
  return protocol.parseMessages(buffer, NullLogger.instance);
};

const {
  messages = [],
  frames = [],
  values = [],
} = JSON.parse(await text(process.stdin));
const answer = {
  messages: messages.map(written),
  frames: frames.map(parsed),
  values: values.map((expression) => {
    const item = new Function(`return (${expression})`)();
    const frame = written({ type: 2, invocationId: "1", item });
    return { frame, json: JSON.stringify(item, plain) };
  }),
};
process.stdout.write(JSON.stringify(answer, plain));
