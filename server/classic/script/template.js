// The hubs of this address for jQuery SignalR 2, made from their contracts:
//
//     <script src="jquery.js"></script>
//     <script src="jquery.signalR.js"></script>
//     <script src="signalr/hubs"></script>
//
// A page then has $.connection.<hub>.client for what the hub calls, and .server to
// call the hub.
(function ($) {
    var signalR = $ && $.signalR,
        own = Object.prototype.hasOwnProperty;

    if (typeof signalR !== "function") {
        throw new Error("SignalR: SignalR is not loaded. Please ensure jquery.signalR-x.js is referenced before ~/signalr/js.");
    }

    // receiver hands what hub calls on to the page's function.
    function receiver(hub, original) {
        return function () {
            original.apply(hub, $.makeArray(arguments));
        };
    }

    // caller calls method of hub with whatever it is given.
    function caller(hub, method) {
        return function () {
            return hub.invoke.apply(hub, $.merge([method], $.makeArray(arguments)));
        };
    }

    // subscribe has the hubs call the functions that the page has put into their
    // clients, and returns what undoes that. The page's own function is the third
    // argument: by it the client knows a handler again.
    function subscribe(proxies) {
        var done = [], name, event, hub, original, wrapper;
        for (name in proxies) {
            if (!own.call(proxies, name)) {
                continue;
            }
            hub = proxies[name];
            for (event in hub.client) {
                original = hub.client[event];
                if (own.call(hub.client, event) && typeof original === "function") {
                    wrapper = receiver(hub, original);
                    hub.on(event, wrapper, original);
                    done.push([hub, event, wrapper, original]);
                }
            }
        }
        return function () {
            var i, s;
            for (i = 0; i < done.length; i += 1) {
                s = done[i];
                s[0].off(s[1], s[2], s[3]);
            }
            done = [];
        };
    }

    $.hubConnection.prototype.createHubProxies = function () {
        var connection = this, proxies = {}, unsubscribe;

        function add(name, methods) {
            var hub = connection.createHubProxy(name), i;
            hub.client = {};
            hub.server = {};
            for (i = 0; i < methods.length; i += 1) {
                hub.server[methods[i][0]] = caller(hub, methods[i][1]);
            }
            proxies[name] = hub;
        }

        // Before the first proxy is made: with it the client begins to say, at each
        // start, to which hubs it has subscribed.
        connection.starting(function () {
            if (unsubscribe) {
                unsubscribe();
            }
            unsubscribe = subscribe(proxies);
            connection._registerSubscribedHubs();
        }).disconnected(function () {
            if (unsubscribe) {
                unsubscribe();
                unsubscribe = null;
            }
        });

        // Of each method: its name here, and that in the hub.
HUBS
        return proxies;
    };

    signalR.hub = $.hubConnection(BASE, { useDefaultPath: false });
    $.extend(signalR, signalR.hub.createHubProxies());
}(window.jQuery));
