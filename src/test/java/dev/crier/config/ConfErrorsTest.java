package dev.crier.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crier.config.file.ConfException;
import dev.crier.source.ClockVerticle;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The error for each invalid value: {@code key: value (expected: …)}. One test for each section of the file. */
class ConfErrorsTest {

    private static final String CLOCK = ClockVerticle.class.getName();
    private static final long MAX_MEMORY = Runtime.getRuntime().maxMemory() / 4 * 3;

    private static List<String> errors(String json) {
        var conf = new JsonObject(json);
        return assertThrows(ConfException.class, () -> Conf.read(conf, Map.of(CLOCK, ClockVerticle::check)))
                .errors();
    }

    static void assertError(String json, String error) {
        assertEquals(List.of(error), errors(json));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"port": 70000}         | port: 70000 (expected: 0..65535)
            {"port": -1}            | port: -1 (expected: 0..65535)
            {"port": "3000"}        | port: "3000" (expected: 0..65535)
            {"port": 30.5}          | port: 30.5 (expected: 0..65535)
            {"port": 5000000000}    | port: 5000000000 (expected: 0..65535)
            {"port": null}          | port: null (expected: 0..65535)
            {"host": 5}             | host: 5 (expected: an address or a host name)
            {"host": " "}           | host: " " (expected: an address or a host name)
            {"webroot": 5}          | webroot: 5 (expected: a string)
            {"webroot": "no/such"}  | webroot: "no/such" (expected: a folder)
            {"webroot": "pom.xml"}  | webroot: "pom.xml" (expected: a folder)
            {"webroot": "a\\u0000"} | webroot: "a\\u0000" (expected: a folder)
            {"heartbeat": "15s"}    | heartbeat: "15s" (expected: an ISO 8601 duration, PT0.1S..PT1H)
            {"heartbeat": "PT0S"}   | heartbeat: "PT0S" (expected: an ISO 8601 duration, PT0.1S..PT1H)
            {"heartbeat": 15}       | heartbeat: 15 (expected: an ISO 8601 duration, PT0.1S..PT1H)
            {"retry": "PT-1S"}      | retry: "PT-1S" (expected: an ISO 8601 duration, PT0S..PT1H)
            {"Heartbeat": "PT1S"}   | Heartbeat: unknown key (expected: heartbeat)
            {"prot": 3000}          | prot: unknown key (expected: port)
            """)
    void invalidListenerAndStreamValuesAreReported(String json, String error) {
        assertError(json, error);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"tls": {"cert": "a.pem"}}   | tls.key: missing (expected: the path of a PEM file, or neither cert nor key)
            {"tls": {"key": "a.pem"}}    | tls.cert: missing (expected: the path of a PEM file, or neither cert nor key)
            {"tls": {"refresh": "PT0S"}} | tls.refresh: "PT0S" (expected: an ISO 8601 duration, PT1S..PT24H)
            {"tls": {"hsts": "PT24H"}}   | tls.hsts: "PT24H" (expected: PT0S, or tls.cert and tls.key)
            {"tls": {"hsts": "P731D"}}   | tls.hsts: "P731D" (expected: an ISO 8601 duration, PT0S..PT17520H)
            {"http": {"h2c": "yes"}}     | http.h2c: "yes" (expected: true or false)
            {"http": {"h3": true}}       | http.h3: unknown key (expected: h2c)
            """)
    void invalidTlsAndHttpValuesAreReported(String json, String error) {
        assertError(json, error);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"limits": {"connections": -1}}      | limits.connections: -1 (expected: 0..10000000)
            {"limits": {"subscribers": 0}}       | limits.subscribers: 0 (expected: 1..10000000)
            {"limits": {"channelsPerSubscriber": 0}} | limits.channelsPerSubscriber: 0 (expected: 1..10000)
            {"limits": {"channels": 0}}          | limits.channels: 0 (expected: 1..10000000)
            {"limits": {"queueBytes": -1}}       | limits.queueBytes: -1 (expected: 0..1099511627776)
            {"limits": {"queueBytes": 1.5}}      | limits.queueBytes: 1.5 (expected: 0..1099511627776)
            {"limits": {"queueBytes": 262143}}   | limits.queueBytes: 262143 (expected: 0, or at least 262144, which is 4 times the larger of publish.maxBytes and subscriber.queueBytes)
            {"limits": {"urlBytes": 255}}        | limits.urlBytes: 255 (expected: 256..1048576)
            {"limits": {"headTimeout": "PT0S"}}  | limits.headTimeout: "PT0S" (expected: an ISO 8601 duration, PT0.1S..PT1H)
            {"limits": {"answerTimeout": "P1D"}} | limits.answerTimeout: "P1D" (expected: an ISO 8601 duration, PT0.1S..PT1H)
            {"limits": {"refuse": "never"}}      | limits.refuse: "never" (expected: "retry" or "status")
            {"subscriber": {"queueBytes": 1}}    | subscriber.queueBytes: 1 (expected: 1024..67108864)
            {"subscriber": {"stallTimeout": ""}} | subscriber.stallTimeout: "" (expected: an ISO 8601 duration, PT0.1S..PT1H)
            {"subscriber": {"maxLifetime": "x"}} | subscriber.maxLifetime: "x" (expected: an ISO 8601 duration, PT0S..PT8760H)
            {"shutdown": {"drain": "PT61S"}}     | shutdown.drain: "PT61S" (expected: an ISO 8601 duration, PT0S..PT1M)
            {"shutdown": {"darin": "PT1S"}}      | shutdown.darin: unknown key (expected: drain)
            """)
    void invalidLimitsAndTimeoutsAreReported(String json, String error) {
        assertError(json, error);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"publish": {"tokens": ["short secret"]}}     | publish.tokens[0]: not shown (expected: at least 16 characters of a bearer token (RFC 6750, 2.1))
            {"publish": {"tokens": "a-secret-not-listed"}} | publish.tokens: not shown (expected: a list)
            {"publish": "a-secret-in-the-wrong-place"}    | publish: not shown (expected: an object)
            {"publish": {"maxBytes": 0}}                  | publish.maxBytes: 0 (expected: 1..16777216)
            {"publish": {"maxBatchEvents": 0}}            | publish.maxBatchEvents: 0 (expected: 1..100000)
            {"publish": {"idleTimeout": "PT0S"}}          | publish.idleTimeout: not shown (expected: an ISO 8601 duration, PT1S..PT1H)
            {"publish": {"idempotencyWindow": "PT0S"}}    | publish.idempotencyWindow: not shown (expected: an ISO 8601 duration, PT1S..PT168H)
            {"read": {"cookie": 5}}                       | read.cookie: 5 (expected: the name of a cookie (RFC 6265, 4.1.1))
            {"read": {"cookie": "a token, maybe"}}        | read.cookie: not shown (expected: the name of a cookie (RFC 6265, 4.1.1))
            {"jwt": {"secrets": ["31 bytes, which are not enough."]}} | jwt.secrets[0]: not shown (expected: a secret of at least 32 bytes)
            {"jwt": {"keys": ["no-such.pem"]}}            | jwt.keys[0]: "no-such.pem" (expected: a file with a public key in PEM: RSA of 2048 bits or more, EC on the curve P-256, or Ed25519)
            {"jwt": {"keys": ["pom.xml"]}}                | jwt.keys[0]: "pom.xml" (expected: a file with a public key in PEM: RSA of 2048 bits or more, EC on the curve P-256, or Ed25519)
            {"jwt": {"keys2": 1}}                         | jwt.keys2: unknown key (expected: keys)
            {"jwt": {"jwks": "ftp://example.com/keys"}}   | jwt.jwks: "ftp://example.com/keys" (expected: a file, or a URL such as https://example.com/jwks.json)
            {"jwt": {"audience": "crier"}}                | jwt.audience: "crier" (expected: a list, each a string)
            {"jwt": "a-secret-in-the-wrong-place"}        | jwt: not shown (expected: an object)
            """)
    void invalidTokenAndPublishingValuesAreReported(String json, String error) {
        assertError(json, error);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"channels": []}                                        | channels: [] (expected: an object)
            {"channels": {"/news": "latest"}}                       | channels./news: "latest" (expected: an object)
            {"channels": {"/news": {"keep": "all"}}}                | channels./news.keep: "all" (expected: "latest", or an object with events, age or both)
            {"channels": {"/news": {"keep": {}}}}                   | channels./news.keep: {} (expected: an object with events, age or both)
            {"channels": {"/news": {"keep": {"events": 0}}}}        | channels./news.keep.events: 0 (expected: 1..2147483647)
            {"channels": {"/news": {"keep": {"age": "1d"}}}}        | channels./news.keep.age: "1d" (expected: an ISO 8601 duration, PT1S..PT8784000H)
            {"channels": {"/news": {"keep": {"evnts": 1, "age": "PT1H"}}}} | channels./news.keep.evnts: unknown key (expected: events)
            {"channels": {"/news": {"kept": "latest"}}}             | channels./news.kept: unknown key (expected: keep)
            {"channels": {"/runs": {"ends": 1}}}                    | channels./runs.ends: 1 (expected: true or false)
            {"channels": {"/runs": {"ends": true}}}                 | channels./runs.ends: true (expected: false, unless keep is an object with events, age or both)
            {"channels": {"/runs": {"keep": {}, "ends": true}}}     | channels./runs.keep: {} (expected: an object with events, age or both)
            {"channels": {"/runs": {"keep": {"events": 9}, "onProducerGone": "end"}}} | channels./runs.onProducerGone: "end" (expected: "wait", unless ends is true)
            {"channels": {"/runs": {"keep": {"events": 9}, "ends": true, "onProducerGone": "stop"}}} | channels./runs.onProducerGone: "stop" (expected: "wait" or "end")
            {"channels": {"/news": {"publish": "yes"}}}             | channels./news.publish: "yes" (expected: true or false)
            {"channels": {"/news": {"read": "a-token-by-mistake"}}} | channels./news.read: not shown (expected: "anyone" or "token")
            {"channels": {"/news": {"read": "token"}}}              | read.tokens: none (expected: a token or jwt, because a channel requires one to be read)
            {"channels": {"/index.html": {}}}                       | channels./index.html: overlaps the file /index.html (expected: a path that is not a file of the webroot)
            """)
    void invalidChannelsAreReported(String json, String error) {
        assertError(json, error);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"channels": {"/events": {}}}                | subscribe.path: /events overlaps the channel /events (expected: a path that is neither a channel nor a file of the webroot; or null)
            {"subscribe": {"path": "/a/b"}, "channels": {"/a/:any": {}}} | subscribe.path: /a/b overlaps the family /a/:any (expected: a path that is neither a channel nor a file of the webroot; or null)
            {"subscribe": {"path": "/index.html"}}       | subscribe.path: /index.html overlaps the file /index.html (expected: a path that is neither a channel nor a file of the webroot; or null)
            {"subscribe": {"path": "/events/:id"}}       | subscribe.path: "/events/:id" (expected: a path such as /news: at most 255 bytes, no empty, "." or ".." segment, no control or format character, and no parameter; or null)
            {"subscribe": {"path": "events"}}            | subscribe.path: "events" (expected: a path such as /news: at most 255 bytes, no empty, "." or ".." segment, no control or format character, and no parameter; or null)
            {"subscribe": {"path": false}}               | subscribe.path: false (expected: a path such as /news: at most 255 bytes, no empty, "." or ".." segment, no control or format character, and no parameter; or null)
            {"subscribe": {"paht": "/a"}}                | subscribe.paht: unknown key (expected: path)
            {"subscribe": null}                          | subscribe: null (expected: an object)
            """)
    void invalidPathsForSeveralChannelsAreReported(String json, String error) {
        assertError(json, error);
    }

    @ParameterizedTest
    @CsvSource({"news", "/a/../b", "/a//b"})
    void invalidChannelNamesAreReported(String name) {
        assertError(
                "{\"channels\": {\"" + name + "\": {}}}",
                "channels." + name
                        + ": not a channel (expected: a path such as /news: at most 255 bytes, no empty, \".\""
                        + " or \"..\" segment, no control or format character; a segment such as :id stands for any one segment)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                | channels./news.source.verticle: missing (expected: the name of a verticle, such as a class on the class path with a public constructor without parameters; no verticle factory for another language is there)
            {"verticle": "no.Such"}           | channels./news.source.verticle: "no.Such" (expected: the name of a verticle, such as a class on the class path with a public constructor without parameters; no verticle factory for another language is there)
            {"verticle": "java.lang.String"}  | channels./news.source.verticle: "java.lang.String" (expected: the name of a verticle, such as a class on the class path with a public constructor without parameters; no verticle factory for another language is there)
            {"verticle": "dev.crier.source.ClockVerticle", "config": {"zone": "Mars"}}  | channels./news.source.config.zone: "Mars" (expected: a time zone such as Europe/Paris, or "system")
            {"verticle": "dev.crier.source.ClockVerticle", "config": {"zones": "UTC"}}  | channels./news.source.config.zones: unknown key (expected: zone)
            {"verticle": "dev.crier.source.ClockVerticle", "config": {"channel": "/x"}} | channels./news.source.config.channel: "/x" (expected: no such key, because Crier sets it to the name of the channel)
            {"verticle": "dev.crier.source.ClockVerticle", "config": {"shared": true}}  | channels./news.source.config.shared: true (expected: no such key, because Crier sets it to true if nodes share the log)
            """)
    void invalidSourcesAreReported(String source, String error) {
        assertError("{\"channels\": {\"/news\": {\"source\": " + source + "}}}", error);
    }

    @Test
    void aFamilyCannotHaveASource() {
        String source = "{\"verticle\":\"dev.crier.source.ClockVerticle\"}";
        assertError(
                "{\"channels\": {\"/a/:x\": {\"source\": " + source + "}}}",
                "channels./a/:x.source: " + source
                        + " (expected: no source, because a source publishes to one channel and not to a family)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"log": {"store": "mysql"}}      | log.store: "mysql" (expected: "memory", "sqlite" or "redis")
            {"log": {"file": " "}}           | log.file: " " (expected: a path without a question mark)
            {"log": {"file": "a?b"}}         | log.file: "a?b" (expected: a path without a question mark)
            {"console": {"format": "JSON"}}  | console.format: "JSON" (expected: "text" or "json")
            {"console": {"level": "trace"}}  | console.level: "trace" (expected: "error", "warn", "info" or "debug")
            {"console": {"access": "on"}}    | console.access: "on" (expected: true or false)
            {"management": {"port": -2}}     | management.port: -2 (expected: -1..65535)
            {"management": {"port": 3000}}   | management.port: 3000 (expected: a port other than that of the main listener)
            {"management": {"host": ""}}     | management.host: "" (expected: an address or a host name)
            {"management": {"token": "x"}}   | management.token: unknown key (expected: tokens)
            {"management": "a-token-by-mistake"} | management: not shown (expected: an object)
            {"management": {"tokens": ["short"]}} | management.tokens[0]: not shown (expected: at least 16 characters of a bearer token (RFC 6750, 2.1))
            {"management": {"tokens": "a-token-by-mistake"}} | management.tokens: not shown (expected: a list)
            {"management": {"console": "yes"}} | management.console: "yes" (expected: true or false)
            {"management": {"console": true}} | management.console: true (expected: false, unless management.port is set, because the console is served there)
            """)
    void invalidLogConsoleAndManagementValuesAreReported(String json, String error) {
        assertError(json, error);
    }

    @Test
    void theMemoryOfTheLogIsLimitedByTheHeap() {
        assertError("{\"log\": {\"memoryBytes\": -1}}", "log.memoryBytes: -1 (expected: 0.." + MAX_MEMORY + ")");
        assertError(
                "{\"log\": {\"memoryBytes\": " + (MAX_MEMORY + 1) + "}}",
                "log.memoryBytes: " + (MAX_MEMORY + 1) + " (expected: 0.." + MAX_MEMORY + ")");
        assertError(
                "{\"log\": {\"memoryBytes\": 1000}}",
                "log.memoryBytes: 1000 (expected: 0, or 1048576.." + MAX_MEMORY + ")");
    }

    @Test
    void aLongValueIsTruncated() {
        assertError(
                "{\"port\": \"" + "x".repeat(1000) + "\"}", "port: \"" + "x".repeat(199) + "… (expected: 0..65535)");
    }

    @Test
    void allErrorsAreReportedAtOnce() {
        assertEquals(
                List.of(
                        "port: 70000 (expected: 0..65535)",
                        "heartbeat: 1 (expected: an ISO 8601 duration, PT0.1S..PT1H)",
                        "jwt.audience[0]: 1 (expected: a string)",
                        "jwt.audience[2]: \"\" (expected: a string)",
                        "hots: unknown key (expected: host)"),
                errors(
                        "{\"hots\": \"x\", \"jwt\": {\"audience\": [1, \"a\", \"\"]}, \"heartbeat\": 1, \"port\": 70000}"));
    }
}
