package dev.crier.config.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which of several files an error comes from. */
class ConfLayersTest {

    private static final ConfLayers LAYERS = new ConfLayers(
            List.of(
                    new ConfLayers.Layer("base.json", new JsonObject("""
                                    {"port": 1, "tls": {"cert": ""}, "channels": {"/a.b": {"keep": 1}}, "list": [1]}
                                    """)),
                    new ConfLayers.Layer("my.json", new JsonObject("{\"port\": 2, \"tls\": {\"key\": \"\"}}"))),
            new JsonObject());

    @ParameterizedTest
    @CsvSource({
        "port: 2, my.json: port: 2",
        "tls.cert: x, base.json: tls.cert: x",
        "tls.key: x, my.json: tls.key: x",
        "tls.other: missing, my.json: tls.other: missing",
        "channels./a.b.keep: 1, base.json: channels./a.b.keep: 1",
        "list[0]: 1, base.json: list[0]: 1",
        "ports: 1, ports: 1",
        "CRIER_READ_TOKEN: not shown, CRIER_READ_TOKEN: not shown"
    })
    void anErrorHasTheLastFileThatSetsItsKey(String error, String withSource) {
        assertEquals(withSource, LAYERS.withSource(error));
    }
}
