import io.vertx.core.json.JsonObject

def channel = vertx.getOrCreateContext().config().getString('channel')

vertx.setPeriodic(1000) {
  def roll = 1 + new Random().nextInt(6)
  vertx.eventBus().request('crier.publish', new JsonObject(channel: channel, data: "$roll".toString()))
}
