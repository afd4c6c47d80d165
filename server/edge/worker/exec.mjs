// Starts programs of Go. wasm_exec.js is the compiler's own, of the Go that built
// them; the build copies it here.
import "./wasm_exec.js";

// Program is a Go program with global names of its own, besides those of all: several
// run in one isolate, and each has to find its own room or request.
class Program extends globalThis.Go {
  #own;

  constructor(own) {
    super();
    this.#own = own;
  }

  // wasm_exec.js sets it when a program begins: the values that Go knows by number.
  set _values(values) {
    const global = values.indexOf(globalThis);
    if (global < 0) throw new Error("wasm_exec.js has changed: it gives Go no global object");
    const own = this.#own;
    values[global] = new Proxy(globalThis, {
      get: (all, name) => (Object.hasOwn(own, name) ? own[name] : Reflect.get(all, name, all)),
    });
    Object.defineProperty(this, "_values", { value: values, writable: true, enumerable: true, configurable: true });
  }
}

// start runs a program until its main function waits for something. What it finds
// among its global names first is in own; imports gives it functions to import. It
// returns the program, whose exited tells whether it has ended, and a promise of its
// end.
export function start(module, own, imports = () => ({})) {
  const program = new Program(own);
  const instance = new WebAssembly.Instance(module, { ...program.importObject, ...imports(program) });
  return { program, ended: program.run(instance) };
}
