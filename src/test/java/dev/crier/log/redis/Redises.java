package dev.crier.log.redis;

import dev.crier.config.RedisConf;
import dev.crier.log.EventLogFixture;
import dev.crier.log.store.LogLimits;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;

/** Creates configurations for a Redis on this machine. */
public final class Redises {

    private Redises() {}

    static RedisStore store(Vertx vertx, RedisConf conf) {
        return new RedisStore(vertx, conf, EventLogFixture.RETENTION, 64L << 20, LogLimits.NONE.emptyChannels());
    }

    public static RedisConf conf(int port, String prefix) {
        return conf(port, prefix, 0);
    }

    static RedisConf conf(int port, String prefix, int replicas) {
        return new RedisConf(
                List.of(new RedisConf.Endpoint("127.0.0.1", port)),
                Optional.empty(),
                false,
                Optional.empty(),
                "",
                "",
                0,
                replicas,
                prefix);
    }
}
