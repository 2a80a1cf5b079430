package dev.crier.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crier.config.RedisConf.Endpoint;
import dev.crier.config.file.ConfException;
import dev.crier.config.file.Section;
import dev.crier.testing.Pem;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The section {@code log.redis}: its values, and an error without a secret for each kind of mistake. */
class RedisConfTest {

    private static final String PASSWORD = "s3cret";
    private static final String URL =
            "a URL such as redis://localhost:6379 or rediss://user:password@host:6379/0, where % escapes special characters";

    private static LogConf.Redis read(JsonObject redis) {
        var json = new JsonObject()
                .put("log", new JsonObject().put("store", "redis").put("redis", redis));
        return (LogConf.Redis) Conf.read(json, Map.of()).log();
    }

    private static RedisConf url(String url) {
        return read(new JsonObject().put("url", url)).server();
    }

    /** Reads the section in a process with the password in its environment. */
    private static RedisConf withPassword(String url) {
        return Section.read(
                new JsonObject().put("url", url), section -> RedisConf.read(section, Optional.of(PASSWORD)));
    }

    /** Asserts that the section has this one error, whichever store is used. */
    private static void assertError(JsonObject redis, String error) {
        for (String store : List.of("memory", "redis")) {
            var log = new JsonObject().put("store", store).put("redis", redis);
            ConfErrorsTest.assertError(new JsonObject().put("log", log).encode(), error);
        }
    }

    @Test
    void byDefaultRedisIsOnThisMachine() {
        assertEquals(
                new RedisConf(
                        List.of(new Endpoint("localhost", 6379)),
                        Optional.empty(),
                        false,
                        Optional.empty(),
                        "",
                        "",
                        0,
                        0,
                        "crier"),
                read(new JsonObject()).server());
    }

    @ParameterizedTest
    @CsvSource({"1048576, 524288", "134217728, 67108864", "268435456, 67108864"})
    void theLogUsesUpToHalfOfItsMemoryForRecentEntries(long memoryBytes, long recentBytes) {
        var log = new LogConf.Redis(read(new JsonObject()).server(), memoryBytes);
        assertEquals(recentBytes, log.recentBytes());
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            redis://redis.example.com,         redis.example.com:6379, false, '',    '',        0
            redis://h:1/,                      h:1,                    false, '',    '',        0
            redis://h:65535/15,                h:65535,                false, '',    '',        15
            rediss://h/3,                      h:6379,                 true,  '',    '',        3
            redis://[::1],                     [::1]:6379,             false, '',    '',        0
            redis://[fe80::1]:7000/1,          [fe80::1]:7000,         false, '',    '',        1
            redis://10.0.0.1:6380,             10.0.0.1:6380,          false, '',    '',        0
            redis://:s3cret@h,                 h:6379,                 false, '',    s3cret,    0
            redis://ann:s3cret@h,              h:6379,                 false, ann,   s3cret,    0
            redis://a%3Ab:p%40s%2Fs%25@h:1/2,  h:1,                    false, a:b,   p@s/s%,    2
            redis://ann:a:b+c@h,               h:6379,                 false, ann,   a:b+c,     0
            redis://ann:%C3%BC@h,              h:6379,                 false, ann,   ü,         0
            redis://:@h,                       h:6379,                 false, '',    '',        0
            redis://@h,                        h:6379,                 false, '',    '',        0
            """)
    void aUrlHasHostPortTlsUserPasswordAndDatabase(
            String url, String endpoint, boolean tls, String user, String password, int database) {
        RedisConf conf = url(url);
        assertEquals(endpoint, conf.endpoints().get(0).toString());
        assertEquals(tls, conf.tls());
        assertEquals(user, conf.user());
        assertEquals(password, conf.password());
        assertEquals(database, conf.database());
    }

    @Test
    void theHostOfAnIpv6AddressHasNoBrackets() {
        assertEquals(List.of(new Endpoint("::1", 6379)), url("redis://[::1]").endpoints());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                           | neither redis:// nor rediss://
            localhost                    | neither redis:// nor rediss://
            localhost:6379               | neither redis:// nor rediss://
            http://:s3cret@h             | neither redis:// nor rediss://
            unix:///run/redis.sock       | neither redis:// nor rediss://
            REDIS://h                    | neither redis:// nor rediss://
            redis:///0                   | no valid host and port
            redis://:6379                | no valid host and port
            redis://:s3cret@             | no valid host and port
            redis:s3cret                 | no valid host and port
            redis://:s3cret@:6379        | no valid host and port
            redis://h:0                  | no valid host and port
            redis://h:65536              | no valid host and port
            redis://h:99999999999        | no valid host and port
            redis://h:-1                 | no valid host and port
            redis://h:port               | no valid host and port
            redis://my_redis             | no valid host and port
            redis://a,b                  | no valid host and port
            redis://:s3cret/x@h          | no valid host and port
            redis://:s3cret#@h           | no valid host and port
            redis://:s3cret@x@h          | no valid host and port
            redis://:s3cret%@h           | not a URL
            redis://:s3cret%zz@h         | not a URL
            redis://:s3cret @h           | not a URL
            redis://h/zero               | no valid database
            redis://h/-1                 | no valid database
            redis://h/+1                 | no valid database
            redis://h/1.5                | no valid database
            redis://h/0/1                | no valid database
            redis://h/9999999999         | no valid database
            redis://h?db=1               | no valid database
            redis://h?password=s3cret    | no valid database
            redis://h/1#s3cret           | no valid database
            """)
    void anInvalidUrlIsDescribedAndNotQuoted(String url, String problem) {
        assertError(new JsonObject().put("url", url), "log.redis.url: " + problem + " (expected: " + URL + ")");
    }

    @ParameterizedTest
    @ValueSource(strings = {"redis://ann@h", "redis://ann:@h"})
    void aUserNeedsAPassword(String url) {
        assertError(
                new JsonObject().put("url", url),
                "log.redis.url: a user without a password (expected: user:password@, or CRIER_REDIS_PASSWORD)");
    }

    @ParameterizedTest
    @CsvSource({"redis://h, ''", "redis://:other@h, ''", "redis://ann:other@h, ann", "redis://ann@h, ann"})
    void thePasswordInTheEnvironmentReplacesTheOneInTheUrl(String url, String user) {
        RedisConf conf = withPassword(url);
        assertEquals(PASSWORD, conf.password());
        assertEquals(user, conf.user());
    }

    @Test
    void sentinelsReplaceTheHostOfTheUrlAndNothingElse() {
        RedisConf conf = read(new JsonObject("""
                        {
                          "url": "rediss://ann:s3cret@ignored:1/2",
                          "sentinels": ["s1", "s2:26380", "[::1]", "[::1]:5"],
                          "primary": "mymaster",
                          "replicas": 2,
                          "prefix": "a.B:c_d-1"
                        }""")).server();
        assertEquals(
                List.of(
                        new Endpoint("s1", 26379),
                        new Endpoint("s2", 26380),
                        new Endpoint("::1", 26379),
                        new Endpoint("::1", 5)),
                conf.endpoints());
        assertEquals(Optional.of("mymaster"), conf.primaryName());
        assertEquals(true, conf.tls());
        assertEquals("ann", conf.user());
        assertEquals("s3cret", conf.password());
        assertEquals(2, conf.database());
        assertEquals(2, conf.replicas());
        assertEquals("a.B:c_d-1", conf.prefix());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                     | ""
            s1:0                   | "s1:0"
            s1:65536               | "s1:65536"
            s1:two                 | "s1:two"
            :26379                 | ":26379"
            ' s1'                  | " s1"
            s1/0                   | "s1/0"
            s1,s2                  | "s1,s2"
            redis://s1             | "redis://s1"
            redis://:s3cret@s1     | not shown
            :s3cret@s1             | not shown
            """)
    void anInvalidSentinelIsReported(String sentinel, String found) {
        assertError(
                new JsonObject()
                        .put("sentinels", new JsonArray().add("s0").add(sentinel))
                        .put("primary", "mymaster"),
                "log.redis.sentinels[1]: " + found + " (expected: a host, or host:port, such as localhost:26379)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"sentinels": ["s1"]}                    | log.redis.primary: missing (expected: the primary's name, because there are sentinels)
            {"sentinels": ["s1"], "primary": ""}     | log.redis.primary: "" (expected: the primary's name, because there are sentinels)
            {"sentinels": ["s1"], "primary": " "}    | log.redis.primary: " " (expected: the primary's name, because there are sentinels)
            {"primary": "mymaster"}                  | log.redis.primary: "mymaster" (expected: "", because there are no sentinels)
            {"sentinels": [], "primary": "mymaster"} | log.redis.primary: "mymaster" (expected: "", because there are no sentinels)
            {"sentinels": "s1", "primary": "m"}      | log.redis.sentinels: "s1" (expected: a list, each a host, or host:port, such as localhost:26379)
            {"sentinels": [1], "primary": "m"}       | log.redis.sentinels[0]: 1 (expected: a host, or host:port, such as localhost:26379)
            {"primary": 1}                           | log.redis.primary: 1 (expected: a string)
            {"url": 6379}                            | log.redis.url: 6379 (expected: a string)
            {"url": ["redis://:s3cret@h"]}           | log.redis.url: not shown (expected: a string)
            {"replicas": -1}                         | log.redis.replicas: -1 (expected: 0..10)
            {"replicas": 11}                         | log.redis.replicas: 11 (expected: 0..10)
            {"replicas": "two"}                      | log.redis.replicas: "two" (expected: 0..10)
            {"prefix": ""}                           | log.redis.prefix: "" (expected: 1 to 64 letters, digits and ._:-)
            {"prefix": "a b"}                        | log.redis.prefix: "a b" (expected: 1 to 64 letters, digits and ._:-)
            {"prefix": "{a}"}                        | log.redis.prefix: "{a}" (expected: 1 to 64 letters, digits and ._:-)
            {"prefix": "ü"}                          | log.redis.prefix: "ü" (expected: 1 to 64 letters, digits and ._:-)
            {"ca": "no/such.pem", "url": "rediss://h"} | log.redis.ca: "no/such.pem" (expected: a file with certificates in PEM)
            {"ca": "pom.xml", "url": "rediss://h"}   | log.redis.ca: "pom.xml" (expected: a file with certificates in PEM)
            {"ca": "docs", "url": "rediss://h"}      | log.redis.ca: "docs" (expected: a file with certificates in PEM)
            {"ca": 1}                                | log.redis.ca: 1 (expected: a file with certificates in PEM)
            {"foo": 1}                               | log.redis.foo: unknown key (expected: url, sentinels, primary, ca, replicas, prefix)
            {"sentinel": []}                         | log.redis.sentinel: unknown key (expected: sentinels)
            {"password": "s3cret"}                   | log.redis.password: unknown key (expected: url, sentinels, primary, ca, replicas, prefix)
            """)
    void anInvalidValueIsReported(String redis, String error) {
        assertError(new JsonObject(redis), error);
    }

    @Test
    void aPrefixHasAtMost64Characters() {
        assertEquals(
                "x".repeat(64),
                read(new JsonObject().put("prefix", "x".repeat(64))).server().prefix());
        assertError(
                new JsonObject().put("prefix", "x".repeat(65)),
                "log.redis.prefix: \"" + "x".repeat(65) + "\" (expected: 1 to 64 letters, digits and ._:-)");
    }

    @Test
    void theCertificatesToTrustAreReadFromAFile(@TempDir Path folder) throws Exception {
        String pem = Pem.certificate("ca").getCertificatePathPEM();
        Path file = Files.writeString(folder.resolve("ca.pem"), "# A comment\n" + pem + "\n# Another\n" + pem);
        var redis = new JsonObject().put("url", "rediss://h").put("ca", file.toString());
        assertEquals(Optional.of(file), read(redis).server().ca());
    }

    @Test
    void aCertificateFileWithoutTlsIsRejected(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(
                folder.resolve("ca.pem"), Pem.certificate("ca").getCertificatePathPEM());
        assertError(
                new JsonObject().put("ca", file.toString()),
                "log.redis.ca: \"" + file + "\" (expected: \"\", or a url with rediss://)");
    }

    @Test
    void allErrorsAreReportedAtOnce() {
        var json = new JsonObject("""
                {"log": {"redis": {
                  "url": "redis://h:0", "sentinels": [""], "primary": "", "ca": "no.pem", "replicas": 11, "prefix": "",
                  "replica": 1
                }}}""");
        List<String> errors = assertThrows(ConfException.class, () -> Conf.read(json, Map.of()))
                .errors();
        assertEquals(
                List.of("url", "sentinels[0]", "ca", "replicas", "prefix", "replica"),
                errors.stream()
                        .map(line -> line.substring("log.redis.".length(), line.indexOf(':')))
                        .toList());
    }

    /** A URL with a password may be pasted at any of these places by mistake. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'log': 'redis://:s3cret@h'}",
                "{'log': {'store': 'redis://:s3cret@h'}}",
                "{'log': {'store': 'redis://s3cret@h'}}",
                "{'log': {'redis': 's3cret'}}",
                "{'log': {'redis': ['redis://h', 's3cret']}}",
                "{'log': {'redis': {'url': {'password': 's3cret'}}}}",
                "{'log': {'redis': {'sentinels': 'redis://:s3cret@h'}}}",
                "{'log': {'redis': {'primary': 'redis://:s3cret@h'}}}",
                "{'log': {'redis': {'ca': 'redis://:s3cret@h'}}}",
                "{'log': {'redis': {'prefix': 'redis://:s3cret@h'}}}",
                "{'log': {'redis': {'replicas': 'redis://:s3cret@h'}}}",
                "{'jwt': {'jwks': 'https://ann:s3cret@example.com'}}"
            })
    void noErrorShowsAPassword(String json) {
        var conf = new JsonObject(json.replace('\'', '"'));
        List<String> errors = assertThrows(ConfException.class, () -> Conf.read(conf, Map.of()))
                .errors();
        assertEquals(1, errors.size(), errors::toString);
        assertFalse(errors.get(0).contains(PASSWORD), errors.get(0));
    }

    @Test
    void toStringHasNeitherUserNorPassword() {
        String text =
                read(new JsonObject().put("url", "redis://annette:s3cret@h")).toString();
        assertFalse(text.contains(PASSWORD) || text.contains("annette"), text);
    }
}
