// Sockets are a room's WebSockets by number, as Go knows them. A number is used again
// when its socket is gone.
export class Sockets {
  #open = []; // by number; null: the number is free
  #free = [];
  #numbers = new Map();

  // add gives a socket a number.
  add(socket) {
    const number = this.#free.length > 0 ? this.#free.pop() : this.#open.length;
    this.#open[number] = socket;
    this.#numbers.set(socket, number);
    return number;
  }

  // number is a socket's; undefined: it has none.
  number(socket) {
    return this.#numbers.get(socket);
  }

  // remove takes a socket's number away.
  remove(socket) {
    const number = this.#numbers.get(socket);
    if (number === undefined) return;
    this.#numbers.delete(socket);
    this.#open[number] = null;
    this.#free.push(number);
  }

  // send gives every one of the numbers the message. Those that are gone are passed
  // over: their end is an event of its own.
  send(numbers, message) {
    const open = this.#open;
    for (let i = 0; i < numbers.length; i++) { // an iterator of the array would cost each
      try {
        open[numbers[i]]?.send(message);
      } catch {
        // It is closing.
      }
    }
  }

  // attach keeps state with a socket. It returns what went wrong, or nothing.
  attach(number, state) {
    try {
      this.#open[number]?.serializeAttachment(state);
      return "";
    } catch (error) {
      return String(error);
    }
  }

  // close ends a socket and takes its number away. One without state is nobody's:
  // whatever is still heard of it is no event.
  close(number, code, text) {
    const socket = this.#open[number];
    if (!socket) return;
    this.remove(socket);
    end(socket, code, text);
  }
}

// unspoken are codes that say how a socket ended and are never sent.
const unspoken = [1005, 1006, 1015];

// end closes a socket for the room's part.
export function end(socket, code, text = "") {
  try {
    socket.serializeAttachment(null);
    if (unspoken.includes(code)) socket.close();
    else socket.close(code, text);
  } catch {
    // It is closed.
  }
}
