package dev.crier.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.config.TrustedProxies;
import io.vertx.core.MultiMap;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Threat: a client pretends to have another address, to be counted and logged under it. */
class ClientAddressTest {

    private static final ClientAddress TRUSTING =
            new ClientAddress(TrustedProxies.of(List.of("127.0.0.0/8", "10.0.0.1/32", "2001:db8:ffff::/48")));

    /** Returns header lines that are written as "name=value", separated by "|"; F and X abbreviate the two names. */
    private static MultiMap headers(String lines) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        if (lines != null) {
            for (String line : lines.split("\\|")) {
                headers.add(line.startsWith("F ") ? "Forwarded" : "X-Forwarded-For", line.substring(2));
            }
        }
        return headers;
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = "->",
            value = {
                "X 192.0.2.1 -> 192.0.2.1",
                "X 198.51.100.7, 192.0.2.1 -> 192.0.2.1",
                "X 192.0.2.1, 10.0.0.1 -> 192.0.2.1",
                "X 198.51.100.7|X 192.0.2.1|X 10.0.0.1 -> 192.0.2.1",
                "X 192.0.2.1, 10.0.0.2 -> 10.0.0.2",
                "X 127.0.0.2, 10.0.0.1 -> 127.0.0.2",
                "X 192.0.2.1:4711 -> 192.0.2.1",
                "X 2001:db8::1 -> 2001:db8:0:0:0:0:0:1",
                "X [2001:db8::1] -> 2001:db8:0:0:0:0:0:1",
                "X [2001:db8::1]:4711 -> 2001:db8:0:0:0:0:0:1",
                "X 192.0.2.1, 2001:db8:ffff::7 -> 192.0.2.1",
                "F for=192.0.2.1;proto=https -> 192.0.2.1",
                "F proto=https;For=\"192.0.2.1:4711\" -> 192.0.2.1",
                "F proto=https; for = 192.0.2.1 -> 192.0.2.1",
                "F for=\"[2001:db8::1]:4711\" -> 2001:db8:0:0:0:0:0:1",
                "F for=198.51.100.7|F for=192.0.2.1, for=\"10.0.0.1\" -> 192.0.2.1",
                "F for=192.0.2.1|X 192.0.2.1 -> 192.0.2.1",
            })
    void aTrustedProxyReportsTheClient(String lines, String expected) {
        assertEquals(expected, TRUSTING.of("127.0.0.1", headers(lines)));
    }

    @ParameterizedTest
    @CsvSource({
        "X unknown",
        "X rubbish%%",
        "X 192.0.2.1.5",
        "X 192.0.2",
        "X example.com",
        "X ''",
        "F for=_hidden",
        "F for=unknown",
        "F by=192.0.2.1",
        "F xfor=192.0.2.1",
        "F for=\"192.0.2.1",
        "X 192.0.2.50|F for=192.0.2.51",
    })
    void aHeaderThatCannotBeReadLeavesTheProxysOwnAddress(String lines) {
        assertEquals("127.0.0.1", TRUSTING.of("127.0.0.1", headers(lines)));
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.9, 192.0.2.9", "::1, 0:0:0:0:0:0:0:1", "null, null"})
    void headersOfAnUntrustedPeerAreIgnored(String peer, String expected) {
        MultiMap forged = headers("X 198.51.100.7|F for=198.51.100.7");
        assertEquals(expected, TRUSTING.of(peer, forged));
        assertEquals(expected, new ClientAddress(new TrustedProxies(List.of())).of(peer, forged));
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.9, 192.0.2.9",
        "2001:db8::1, 2001:db8::/64",
        "2001:db8::ffff:1, 2001:db8::/64",
        "2001:db8:0:1::1, 2001:db8:0:1::/64",
    })
    void anIpv6ClientIsCountedByItsNetwork(String peer, String expected) {
        assertEquals(expected, TRUSTING.networkOf(peer, headers(null)));
    }
}
