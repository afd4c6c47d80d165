// The way in, in place of the gateway: it asks a room for what the test says.
//
//	POST /room/NAME/negotiate   to the room of that name, as the gateway asks it
//	GET  /hubs/HUB?id=TOKEN     a WebSocket, to the room that the token names
//	GET  /plain/NAME            a WebSocket, to the plain room of that name
export default {
  fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const [, kind, name, question] = pathname.split("/");
    switch (kind) {
      case "room":
        return env.ROOMS.get(env.ROOMS.idFromName(name)).fetch(`https://room/${question}`, request);
      case "hubs":
        return env.ROOMS.get(env.ROOMS.idFromString(searchParams.get("id").split(".")[0])).fetch(request);
      case "plain":
        return env.PLAIN.get(env.PLAIN.idFromName(name)).fetch(request);
    }
    return new Response(null, { status: 404 });
  },
};
