package dev.crier.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An address that is trusted by mistake lets any client choose its own address. */
class TrustedProxiesTest {

    private static TrustedProxies read(String subnet) {
        var conf = new JsonObject().put("trustedProxies", new JsonArray().add(subnet));
        return Conf.read(conf, Map.of()).trustedProxies();
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, 10.0.0.1, true",
        "10.0.0.1, 10.0.0.2, false",
        "10.0.0.1/32, 10.0.0.0, false",
        "10.0.0.0/8, 10.255.255.255, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "10.1.2.3/8, 10.9.9.9, true",
        "10.0.0.128/25, 10.0.0.255, true",
        "10.0.0.128/25, 10.0.0.127, false",
        "192.168.16.0/20, 192.168.31.255, true",
        "192.168.16.0/20, 192.168.32.0, false",
        "0.0.0.0/0, 203.0.113.9, true",
        "0.0.0.0/0, ::1, false",
        "::1, ::1, true",
        "[::1], ::1, true",
        "::1, ::2, false",
        "::/0, 2001:db8::1, true",
        "::/0, 10.0.0.1, false",
        "2001:db8::/33, 2001:db8:7fff::, true",
        "2001:db8::/33, 2001:db8:8000::, false",
        "fe80::/10, febf::1, true",
        "fe80::/10, fec0::1, false"
    })
    void aSubnetContainsTheAddressesThatShareItsPrefix(String subnet, String address, boolean contained)
            throws Exception {
        assertEquals(contained, read(subnet).contains(InetAddress.getByName(address)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/8",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/",
                "10.0.0.0/8/8",
                "10.0.0.0/255.0.0.0",
                "10.0.0",
                "10.0.0.256",
                "10.0.0.0.0",
                "10.0.0.",
                "10",
                "::1/129",
                "::1%lo",
                ":::1",
                "g::1",
                ".:",
                "::ffff:10.0.0.1",
                "::ffff:10.0.0.0/8",
                "proxy.example.com",
                "localhost"
            })
    void anInvalidSubnetIsRejected(String text) {
        ConfErrorsTest.assertError(
                new JsonObject()
                        .put("trustedProxies", new JsonArray().add(text))
                        .encode(),
                "trustedProxies[0]: \"" + text + "\" (expected: an address such as 10.0.0.1 or ::1, or a subnet such as"
                        + " 10.0.0.0/8)");
    }

    @Test
    void noProxyIsTrustedByDefault() throws Exception {
        TrustedProxies none = Conf.read(new JsonObject(), Map.of()).trustedProxies();
        assertTrue(none.isEmpty());
        assertFalse(none.contains(InetAddress.getByName("127.0.0.1")));
    }
}
