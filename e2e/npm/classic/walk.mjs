// Connections that hear numbers, 1, 2, 3, ..., from a hub that says them to
// everybody and to a group in turn, while their links are cut, their page is frozen
// or their hub is killed: what each has missed, heard twice or out of order.
import { within } from "/suite/kit.mjs";
import { Cell, promise, sleep } from "./kit.mjs";

const walkers = [];

class Walker {
  constructor(index, base, transport) {
    Object.assign(this, { index, transport, heard: 0, wrong: [], cell: new Cell({ base, transport }) });
    this.cell.begin();
    this.link = this.cell.open();
    this.link.classicHub.client.told = () => {};
    this.link.test.client.message = (text) => {
      if (Number(text) !== this.heard + 1) this.wrong.push(`${text} after ${this.heard}`);
      this.heard = Number(text);
      this.progress?.();
    };
  }

  async start(group) {
    await this.cell.start(this.link);
    this.id = this.link.connection.id;
    await promise(this.link.test.server.join(group));
  }

  /** until waits until the number was heard. */
  async until(number) {
    while (this.heard < number) await new Promise((heard) => (this.progress = heard));
  }

  /** walk has its link cut after each of the moments, in ms, under traffic. */
  async walk(control, moments) {
    Object.assign(this.cell, { control, cutPath: `/cut/${this.index}` });
    for (const moment of moments) {
      await this.until(this.heard + 3);
      await sleep(moment);
      await this.cut();
      await this.link.reconnected.next(); // what it hears till then may have been on its way
    }
    await this.until(this.heard + 3);
  }

  /** cut cuts the link so that the client notices: between two polls it would not. */
  async cut() {
    const lost = () => this.link.states.filter((state) => state === "reconnecting").length;
    const before = lost();
    do {
      await this.cell.cut();
      if (this.cell.over("longPolling")) await sleep(500);
    } while (this.cell.over("longPolling") && lost() === before);
  }

  report() {
    const { link, id, heard, wrong, transport } = this;
    const now = { id: link.connection.id, states: link.states, errors: link.errors };
    return { transport, heard, wrong, before: id, log: wrong.length ? this.cell.log.slice(-60) : [], ...now };
  }
}

/** start starts a connection at each of the bases, over the transports in turn. */
export async function start(bases, transports, group) {
  for (const [i, base] of bases.entries())
    walkers.push(new Walker(i, base, transports[i % transports.length]));
  // A client gives a transport 5 s, and a browser connects one socket after the other.
  for (const walker of walkers) await walker.start(group);
  return walkers.map((w) => w.id);
}

/** cut walks: moments has those of each connection. */
export async function cut(control, moments) {
  await Promise.all(walkers.map((w, i) => w.walk(control, moments[i])));
  return walkers.map((w) => w.heard);
}

/** end waits until all have heard the number, and reports. */
export async function end(number) {
  await within(Promise.all(walkers.map((w) => w.until(number))), "the last number", 20_000).catch((late) => {
    for (const w of walkers) if (w.heard < number) w.wrong.push(`${late.message}: it has heard ${w.heard}`);
  });
  return walkers.map((w) => w.report());
}

/** report tells how the connections are. */
export const report = () => walkers.map((w) => w.report());

