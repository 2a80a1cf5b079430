package dev.crier.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crier.config.file.ConfException;
import dev.crier.event.ChannelName;
import io.vertx.core.json.JsonObject;
import io.vertx.core.spi.VerticleFactory;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The names of sources, with a verticle factory on the class path whose prefix is {@code verse}. */
class SourceConfTest {

    private static final String EXPECTED = "the name of a verticle, such as a class on the class path with a public"
            + " constructor without parameters; there are verticle factories for verse";

    @TempDir
    private Path folder;

    private final ClassLoader before = Thread.currentThread().getContextClassLoader();

    /** A factory for verticles of another language. */
    public static final class Verses implements VerticleFactory {
        @Override
        public String prefix() {
            return "verse";
        }
    }

    @BeforeEach
    void putTheFactoryOnTheClassPath() throws Exception {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(services.resolve(VerticleFactory.class.getName()), Verses.class.getName());
        Thread.currentThread()
                .setContextClassLoader(
                        new URLClassLoader(new URL[] {folder.toUri().toURL()}, before));
    }

    @AfterEach
    void takeItAway() throws Exception {
        var loader = (URLClassLoader) Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(before);
        loader.close();
    }

    private static SourceConf read(String verticle) {
        JsonObject channel = new JsonObject().put("source", new JsonObject().put("verticle", verticle));
        return Conf.read(new JsonObject().put("channels", new JsonObject().put("/dice", channel)), Map.of())
                .channels()
                .find(new ChannelName("/dice"))
                .orElseThrow()
                .sources()
                .get(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dice.verse", "verse:dice", "verse:dice.txt", "any:name", "Dice.java"})
    void aVerticleFactoryChecksTheNamesThatItCreates(String verticle) {
        assertEquals(verticle, read(verticle).verticle());
    }

    @ParameterizedTest
    @ValueSource(strings = {"dice.js", "verse", "dice.verse.txt", "."})
    void aNameWithoutAFactoryIsRejected(String verticle) {
        assertEquals(
                List.of("channels./dice.source.verticle: \"" + verticle + "\" (expected: " + EXPECTED + ")"),
                assertThrows(ConfException.class, () -> read(verticle)).errors());
    }

    @Test
    void aMissingClassIsAMistakeInTheConfiguration() {
        var failure = read("js:dice.js").startFailure(new ChannelName("/dice"), new ClassNotFoundException("dice.js"));
        assertEquals(
                List.of("channels./dice.source.verticle: \"js:dice.js\" (expected: " + EXPECTED + ")"),
                assertInstanceOf(ConfException.class, failure).errors());
    }

    @Test
    void anyOtherFailureIsReportedWithItsReasonAndWithoutCriersOwnStackTrace() {
        var cause = new IllegalStateException("no such sensor");
        RuntimeException failure = read("dice.verse").startFailure(new ChannelName("/dice"), cause);
        assertEquals("channels./dice.source: dice.verse did not start: no such sensor", failure.getMessage());
        assertEquals(cause, failure.getCause());
        assertEquals(0, failure.getStackTrace().length);
        assertEquals(
                "channels./dice.source: dice.verse did not start: java.lang.NullPointerException",
                read("dice.verse")
                        .startFailure(new ChannelName("/dice"), new NullPointerException())
                        .getMessage());
    }
}
