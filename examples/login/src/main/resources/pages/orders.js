const list = document.querySelector("ul");
const items = new Map();

for (const order of await (await fetch("/orders")).json()) {
  const item = document.createElement("li");
  item.textContent = `Order ${order}`;
  items.set(`/orders/${order}`, item);
  list.append(item);
}

// One connection for all orders. The id of an event has the position and the channel.
const channels = [...items.keys()].map((channel) => `channel=${channel}`);
new EventSource(`/live/events?${channels.join("&")}`).onmessage = (event) => {
  const [, channel] = event.lastEventId.split(" ");
  items.get(channel).textContent = `Order ${channel.slice("/orders/".length)}: ${event.data}`;
};
