package org.example

import io.vertx.core.json.JsonObject
import io.vertx.kotlin.coroutines.CoroutineVerticle
import kotlin.random.Random
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch

class DiceVerticle : CoroutineVerticle() {
  override suspend fun start() {
    launch {
      while (true) {
        delay(1000)
        publish(Random.nextInt(1, 7))
      }
    }
  }

  private fun publish(roll: Int) {
    val publication = JsonObject().put("channel", config.getString("channel")).put("data", "$roll")
    vertx.eventBus().request<String>(config.getString("publishTo"), publication)
  }
}
