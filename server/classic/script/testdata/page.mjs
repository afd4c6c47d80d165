// A page with the least of jQuery and of its SignalR client that the generated
// script needs. It loads the script, does what it is told on the standard input
// and says on the standard output what the client was asked for, in JSON.
//
// In: {"script": "...", "missing": "jQuery" | "signalR", "handlers": [[hub, event]],
//      "call": [[hub, method, ...arguments]], "rounds": 2}
import { readFileSync } from "node:fs";
import vm from "node:vm";

const told = JSON.parse(readFileSync(0, "utf8"));
const said = { hubs: {}, events: [], calls: [], heard: [], global: [] };

function Connection(url, options) {
    this.url = url;
    this.options = options;
    this.proxies = {};
    this.onStarting = [];
    this.onDisconnected = [];
}
Connection.prototype = {
    starting(f) { this.onStarting.push(f); return this; },
    disconnected(f) { this.onDisconnected.push(f); return this; },
    createHubProxy(name) { this._registerSubscribedHubs(); return (this.proxies[name.toLowerCase()] ??= new Hub(name)); },
    _registerSubscribedHubs() {
        if (this.registered) {
            return;
        }
        this.registered = true;
        this.starting(() => said.events.push(["data", ...Object.values(this.proxies).filter((h) => h.handlers.length > 0).map((h) => h.hubName)]));
    },
};

function Hub(name) {
    this.hubName = name;
    this.handlers = [];
}
Hub.prototype = {
    on(event, wrapper, original) {
        said.events.push(["on", this.hubName, event, typeof wrapper, original && original.mark]);
        this.handlers.push([event, wrapper, original]);
    },
    off(event, wrapper, original) {
        said.events.push(["off", this.hubName, event, this.handlers.some((h) => h[1] === wrapper), original && original.mark]);
        this.handlers = this.handlers.filter((h) => h[2] !== original);
    },
    invoke(...all) {
        said.calls.push([this.hubName, ...all]);
        return "a promise";
    },
};

function hubConnection(url, options) {
    return new Connection(url, options);
}
hubConnection.prototype = Connection.prototype;
function signalR() {}
const jQuery = Object.assign(() => {}, {
    signalR,
    hubConnection,
    merge: (a, b) => { a.push(...b); return a; },
    makeArray: (a) => Array.prototype.slice.call(a),
    extend: Object.assign,
});
if (told.missing === "signalR") {
    delete jQuery.signalR;
}
const window = told.missing === "jQuery" ? {} : { jQuery };

try {
    // As under a strict policy: nothing can be made of text.
    const context = vm.createContext({ window }, { codeGeneration: { strings: false, wasm: false } });
    const before = Object.keys(context);
    vm.runInContext(told.script, context);
    said.global = Object.keys(context).filter((k) => !before.includes(k));
} catch (error) {
    said.error = error.message;
}
if (!said.error) {
    const hub = signalR.hub;
    said.url = hub.url;
    said.options = hub.options;
    for (const [name, proxy] of Object.entries(signalR)) {
        if (proxy instanceof Hub) {
            said.hubs[name] = { hub: proxy.hubName, server: Object.keys(proxy.server) };
        }
    }
    for (const [name, event] of told.handlers ?? []) {
        const handler = function (...all) { said.heard.push([this.hubName, event, ...all]); };
        handler.mark = name + "." + event;
        signalR[name].client[event] = handler;
    }
    for (let round = 0; round < (told.rounds ?? 0); round++) {
        hub.onStarting.forEach((f) => f());
        for (const proxy of Object.values(hub.proxies)) {
            proxy.handlers.forEach((h) => h[1].call({}, 1, "two"));
        }
        hub.onDisconnected.forEach((f) => f());
        said.events.push(["left", Object.values(hub.proxies).reduce((n, p) => n + p.handlers.length, 0)]);
    }
    for (const [name, method, ...all] of told.call ?? []) {
        said.calls.push([signalR[name].server[method](...all)]);
    }
}
console.log(JSON.stringify(said));
