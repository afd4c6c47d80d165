// The npm client in a worker: it says one line to the hub and passes on what
// comes back.
importScripts("/signalr.js", "/signalr-protocol-msgpack.js");

onmessage = async ({ data: { url, transport, protocol } }) => {
  const builder = new signalR.HubConnectionBuilder().withUrl(url, transport ? { transport } : {});
  if (protocol === "messagepack")
    builder.withHubProtocol(new signalR.protocols.msgpack.MessagePackHubProtocol());
  const connection = builder.configureLogging(signalR.LogLevel.None).build();
  let heard;
  connection.on("message", (text) => (heard = text));
  try {
    await connection.start();
    await connection.invoke("Push", "from a worker");
    await connection.stop();
    postMessage(heard);
  } catch (error) {
    postMessage(`error: ${error.message}`);
  }
};
