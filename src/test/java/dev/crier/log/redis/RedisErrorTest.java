package dev.crier.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.config.RedisConf.Endpoint;
import io.vertx.redis.client.impl.types.ErrorType;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RedisErrorTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // message                                               | answer | reconnect | access
                "EPOCH Redis was restarted or has lost entries            | true | true  | false",
                "ERR EPOCH Redis was restarted or has lost entries        | true | true  | false",
                "READONLY You can't write against a read only replica.    | true | true  | false",
                "NOSCRIPT No matching script. Please use EVAL.            | true | true  | false",
                "MOVED 3999 127.0.0.1:6381                                | true | true  | false",
                "ASK 3999 127.0.0.1:6381                                  | true | true  | false",
                "TRYAGAIN Multiple keys request during rehashing of slot  | true | true  | false",
                "CLUSTERDOWN The cluster is down                          | true | true  | false",
                "LOADING Redis is loading the dataset in memory           | true | true  | false",
                "MASTERDOWN Link with MASTER is down                      | true | true  | false",
                "UNBLOCKED force unblock from blocking operation          | true | true  | false",
                "NOAUTH Authentication required.                          | true | true  | true",
                "WRONGPASS invalid username-password pair                 | true | false | true",
                "NOPERM this user has no permissions to run the 'x'       | true | false | true",
                "ERR AUTH <password> called without any password          | true | false | true",
                "ERR DB index is out of range                             | true | false | true",
                "OOM command not allowed when used memory > 'maxmemory'.  | true | false | false",
                "MISCONF Redis is configured to save RDB snapshots        | true | false | false",
                "STALE the node has sent a later batch                    | true | false | false",
                "ERR unknown command 'FOO'                                | true | false | false",
                "WRONGTYPE Operation against a key                        | true | false | false"
            })
    void anErrorIsClassifiedByItsCode(String message, boolean answer, boolean reconnect, boolean access) {
        var error = ErrorType.create(message);
        assertEquals(answer, RedisError.isAnswer(error), "an answer");
        assertEquals(reconnect, RedisError.needsReconnect(error), "needs a new connection");
        assertEquals(access, RedisError.isAccess(error), "access");
    }

    static Stream<Throwable> lostConnections() {
        return Stream.of(
                new IOException("Connection reset by peer"),
                new IOException((String) null),
                new IOException(""),
                new TimeoutException("no answer for 1.5 seconds"),
                new IOException("CONNECTION_CLOSED"),
                new IOException("Connection was closed"));
    }

    @ParameterizedTest
    @MethodSource("lostConnections")
    void theEndOfAConnectionIsNotAnErrorReply(Throwable failure) {
        assertEquals(false, RedisError.isAnswer(failure));
        assertEquals(false, RedisError.needsReconnect(failure));
        assertEquals(false, RedisError.isAccess(failure));
    }

    static Stream<Arguments> moves() {
        return Stream.of(
                Arguments.of("MOVED 3999 127.0.0.1:6381", Optional.of(new Endpoint("127.0.0.1", 6381))),
                Arguments.of(
                        "MOVED 3999 redis-1.example.com:6379", Optional.of(new Endpoint("redis-1.example.com", 6379))),
                Arguments.of("MOVED 3999 2001:db8::1:6381", Optional.of(new Endpoint("2001:db8::1", 6381))),
                Arguments.of("MOVED 3999 :6381", Optional.of(new Endpoint("asked", 6381))),
                Arguments.of("ASK 3999 127.0.0.1:6381", Optional.empty()),
                Arguments.of("ERR MOVED 3999 127.0.0.1:6381", Optional.empty()),
                Arguments.of("MOVED 3999 127.0.0.1", Optional.empty()));
    }

    @ParameterizedTest
    @MethodSource("moves")
    void theErrorOfAClusterNamesTheServerThatHasTheKeys(String message, Optional<Endpoint> server) {
        assertEquals(server, RedisError.movedTo(ErrorType.create(message), new Endpoint("asked", 6379)));
    }

    @Test
    void aFailureWithoutAMessageNamesNoServer() {
        assertEquals(Optional.empty(), RedisError.movedTo(new IOException(), new Endpoint("asked", 6379)));
    }
}
