const JsonObject = Java.type('io.vertx.core.json.JsonObject');

vertx.setPeriodic(1000, () => {
  const roll = 1 + Math.floor(Math.random() * 6);
  vertx.eventBus().request(config.getString('publishTo'), new JsonObject()
    .put('channel', config.getString('channel'))
    .put('data', String(roll)));
});
