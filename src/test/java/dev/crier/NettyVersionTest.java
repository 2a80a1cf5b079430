package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.codec.http.HttpObjectDecoder;
import io.vertx.core.Vertx;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The pom sets the version of Netty only as long as Vert.x depends on an older one. */
class NettyVersionTest {

    private static final Pattern VERSION = Pattern.compile("<netty\\.version>([^<]+)<");

    @Test
    void nettyHasTheVersionOfThePomWhichIsNewerThanThatOfVertx() throws Exception {
        String chosen = versionIn(Path.of("pom.xml"));
        // paths in a Maven repository: <artifact>/<version>/<artifact>-<version>.jar
        Path core = jarOf(Vertx.class);
        String vertx = core.getParent().getFileName().toString();
        Path modules = core.getParent().getParent().getParent();
        String vertxDefault = versionIn(
                modules.resolve("vertx-dependencies").resolve(vertx).resolve("vertx-dependencies-" + vertx + ".pom"));
        assertEquals(
                chosen,
                jarOf(HttpObjectDecoder.class).getParent().getFileName().toString(),
                "the version of Netty on the class path");
        assertTrue(
                Version.parse(chosen).compareTo(Version.parse(vertxDefault)) > 0,
                () -> "Vert.x " + vertx + " depends on Netty " + vertxDefault + ": remove netty.version (" + chosen
                        + ") and the import of netty-bom from the pom, and this test");
    }

    private static Path jarOf(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private static String versionIn(Path pom) throws Exception {
        Matcher matcher = VERSION.matcher(Files.readString(pom));
        assertTrue(matcher.find(), () -> pom + " has no netty.version");
        return matcher.group(1);
    }
}
