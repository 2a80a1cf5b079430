package dev.crier.log.redis;

import dev.crier.config.RedisConf;
import dev.crier.config.file.ConfException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.ProtocolVersion;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Connects to the server that has the log: the configured one, the primary that the sentinels name, or the server of a cluster
 * that has the log's keys. Checks that the server is a primary and can keep a log.
 */
final class Dialer {

    private static final int CONNECTIONS = 3;

    /** The longest time for the connections and all checks of one server. */
    private static final long TIMEOUT_MILLIS = 3_000;

    /** Short, so that after a failover every node finds the new primary before other nodes stop waiting for it. */
    private static final int CONNECT_TIMEOUT_MILLIS = 1_000;

    /** The maximum number of times that a cluster may name another server. */
    private static final int MAX_MOVES = 3;

    /** The maximum number of requests that wait for an answer on one connection. */
    private static final int MAX_WAITING = 10_000;

    private final Vertx vertx;
    private final RedisConf conf;
    private final Keys keys;

    /** The index of the sentinel that has answered last. It is asked first, because others may be down. */
    private int firstSentinel;

    Dialer(Vertx vertx, RedisConf conf) {
        this.vertx = vertx;
        this.conf = conf;
        this.keys = new Keys(conf.prefix());
    }

    /**
     * Connects. Fails with a {@link ConfException} if a retry cannot help, because the server or the configuration must be
     * changed first.
     */
    Future<RedisLink> dial() {
        return primary().compose(server -> connect(server, 0));
    }

    private Future<RedisConf.Endpoint> primary() {
        return conf.primaryName()
                .map(name -> askSentinel(name, 0))
                .orElseGet(() -> Future.succeededFuture(conf.endpoints().get(0)));
    }

    /** Asks the sentinels for the primary, in turn, until one knows it. */
    private Future<RedisConf.Endpoint> askSentinel(String primary, int asked) {
        int sentinels = conf.endpoints().size();
        int index = (firstSentinel + asked) % sentinels;
        RedisConf.Endpoint sentinel = conf.endpoints().get(index);
        Redis client = Redis.createClient(vertx, sentinelOptions(sentinel));
        return inTime(client.connect()
                        .compose(connection -> connection.send(Request.cmd(Command.SENTINEL)
                                .arg("GET-MASTER-ADDR-BY-NAME")
                                .arg(primary))))
                .map(answer -> {
                    if (answer == null) {
                        throw new RedisUnavailableException("the sentinel does not know the primary " + primary);
                    }
                    return new RedisConf.Endpoint(
                            answer.get(0).toString(), answer.get(1).toInteger());
                })
                .onComplete(done -> client.close()) // not awaited, because its future completes on another thread
                .onSuccess(found -> firstSentinel = index)
                .recover(failure -> asked + 1 < sentinels
                        ? askSentinel(primary, asked + 1)
                        : Future.failedFuture(explained(sentinel, failure)));
    }

    private Future<RedisLink> connect(RedisConf.Endpoint server, int moves) {
        Redis client = Redis.createClient(vertx, primaryOptions(server));
        return inTime(Future.all(Stream.generate(client::connect)
                                .limit(CONNECTIONS)
                                .toList())
                        .map(all -> all.<RedisConnection>list().stream()
                                .map(Wire::new)
                                .toList())
                        .compose(wires -> check(server, wires)
                                .map(info -> new RedisLink(vertx, client, server.toString(), info, wires))))
                .recover(failure -> {
                    client.close();
                    Optional<RedisConf.Endpoint> moved = RedisError.movedTo(failure, server);
                    return moved.isEmpty() || moves == MAX_MOVES
                            ? Future.failedFuture(explained(server, failure))
                            : connect(moved.get(), moves + 1);
                });
    }

    /**
     * Fails if the future takes too long. The result arrives on the context of the caller. {@link Future#timeout} is not used,
     * because it fails a future without a context, such as that of {@link Future#all}, on another thread.
     */
    private <T> Future<T> inTime(Future<T> future) {
        Context own = vertx.getOrCreateContext();
        Promise<T> promise = Promise.promise();
        long timer = vertx.setTimer(TIMEOUT_MILLIS, id -> promise.tryFail(new TimeoutException()));
        future.onComplete((result, failure) -> own.runOnContext(turn -> {
            vertx.cancelTimer(timer);
            if (failure == null) {
                promise.tryComplete(result);
            } else {
                promise.tryFail(failure);
            }
        }));
        return promise.future();
    }

    /** Checks the server, and that all connections lead to the same run of it. Loads the scripts. */
    private Future<ServerInfo> check(RedisConf.Endpoint server, List<Wire> wires) {
        return Future.all(wires.stream().map(Dialer::info).toList()).compose(all -> {
            List<ServerInfo> infos = all.list();
            infos.get(0).check(server.toString());
            if (infos.stream().map(ServerInfo::run).distinct().count() > 1) {
                throw new RedisUnavailableException("the connections lead to several servers");
            }
            return checkPrimary(wires.get(0)).map(infos.get(0));
        });
    }

    private static Future<ServerInfo> info(Wire wire) {
        return wire.send(Request.cmd(Command.INFO)).map(answer -> ServerInfo.parse(answer.toString()));
    }

    private Future<?> checkPrimary(Wire wire) {
        Future<Response> role = wire.send(Request.cmd(Command.ROLE));
        Future<Response> slot =
                wire.send(Request.cmd(Command.HGET).arg(keys.log()).arg("epoch"));
        return role.compose(answer -> {
                    if (!answer.get(0).toString().equals("master")) {
                        throw new RedisUnavailableException("it is a replica (expected: the primary)");
                    }
                    return slot; // fails in a cluster if another server has the keys, and names it
                })
                .compose(answer -> Future.all(Stream.of(Script.values())
                        .map(script -> wire.send(script.load()))
                        .toList()));
    }

    private RedisOptions sentinelOptions(RedisConf.Endpoint sentinel) {
        return options(sentinel, "");
    }

    private RedisOptions primaryOptions(RedisConf.Endpoint server) {
        RedisOptions options = options(server, "/" + conf.database()).setMaxPoolSize(CONNECTIONS);
        return conf.user().isEmpty() ? options : options.setUser(conf.user());
    }

    private RedisOptions options(RedisConf.Endpoint server, String path) {
        var tcp = new NetClientOptions()
                .setConnectTimeout(CONNECT_TIMEOUT_MILLIS)
                .setTcpKeepAlive(true)
                .setHostnameVerificationAlgorithm("HTTPS");
        conf.ca().ifPresent(file -> tcp.setTrustOptions(new PemTrustOptions().addCertPath(file.toString())));
        var options = new RedisOptions()
                .setNetClientOptions(tcp)
                .setMaxWaitingHandlers(MAX_WAITING)
                .setPreferredProtocolVersion(ProtocolVersion.RESP2)
                .setConnectionString((conf.tls() ? "rediss://" : "redis://") + server + path);
        return conf.password().isEmpty() ? options : options.setPassword(conf.password());
    }

    /** Returns the failure with the server's address in its message, and without a secret. */
    private static Throwable explained(RedisConf.Endpoint server, Throwable failure) {
        if (failure instanceof ConfException) {
            return failure;
        }
        String at = "Redis at " + server;
        if (RedisError.isAccess(failure)) {
            return new ConfException("log.redis.url: " + at + " refuses Crier: " + failure.getMessage()
                    + " (expected: a user, a password and a database that Crier may use)");
        }
        String problem = failure instanceof TimeoutException ? "no answer in time" : failure.getMessage();
        return new RedisUnavailableException(at + ": " + problem);
    }
}
