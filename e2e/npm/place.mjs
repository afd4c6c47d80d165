// One connection of the npm client in Node, for the scripts beside this file:
// connect() makes it at the place that the first argument of the program says,
// {base, control, transport, protocol, path}.
import * as signalR from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";

export const place = JSON.parse(process.argv[2]);

export async function connect(configure) {
  const transport = signalR.HttpTransportType[place.transport];
  const builder = new signalR.HubConnectionBuilder()
    .withUrl(place.base + place.path, { transport })
    .configureLogging(signalR.LogLevel.None);
  if (place.protocol === "messagepack")
    builder.withHubProtocol(new MessagePackHubProtocol());
  configure?.(builder);
  const connection = builder.build();
  await connection.start();
  return connection;
}

/** Steps calls StepMethod with 1, 2, 3, ... and sees that nothing is out of order. */
export class Steps {
  /** inFlight is how many calls may be under way. */
  constructor(connection, inFlight) {
    Object.assign(this, { connection, inFlight, called: 0, pushed: 0, answered: 0 });
    connection.on("stepped", (n) => {
      if (n !== ++this.pushed) this.fail(`push ${n} comes as number ${this.pushed}`);
    });
    this.failed = new Promise((_, reject) => {
      this.fail = (text) => reject(new Error(text));
    });
    this.failed.catch(() => {}); // whoever waits hears it
  }

  /** call calls until there are enough under way, or count in all. */
  call(count = Infinity) {
    while (this.called - this.answered < this.inFlight && this.called < count) {
      this.connection.invoke("Step", ++this.called).then(
        (n) => {
          if (n !== ++this.answered) this.fail(`answer ${n} comes as number ${this.answered}`);
          if (this.pushed < n) this.fail(`answer ${n} comes before its push`);
          this.progress?.();
        },
        (error) => this.fail(error.message),
      );
    }
  }

  /** until goes on calling until a condition holds. */
  async until(condition, count) {
    while (!condition()) {
      this.call(count);
      const step = new Promise((done) => (this.progress = done));
      await Promise.race([step, this.failed]);
    }
  }
}

/** tell prints what the test reads, and ends the program. */
export function tell(report) {
  console.log(JSON.stringify(report));
  process.exit(0);
}
