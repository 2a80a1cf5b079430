import io.vertx.core.json.JsonObject

def config = vertx.getOrCreateContext().config()

vertx.setPeriodic(1000) {
  def roll = 1 + new Random().nextInt(6)
  vertx.eventBus().request(config.getString('publishTo'),
      new JsonObject(channel: config.getString('channel'), data: "$roll".toString()))
}
