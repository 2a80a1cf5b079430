package dev.crier.limit;

import dev.crier.config.TrustedProxies;
import io.netty.util.NetUtil;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the address of a client: the peer of the connection or, if the peer is a trusted proxy, the address that the proxy
 * reports in {@code Forwarded} (RFC 7239) or {@code X-Forwarded-For}.
 *
 * <p>The attack: a client sends these headers itself to be counted under another address. The rule: read each header from its
 * end, and stop at the first address that is not a trusted proxy, because the client wrote everything before it. A proxy may
 * pass on the header that it does not write, so if both headers are present and differ, neither is believed.
 */
final class ClientAddress {

    /**
     * The first {@code for} parameter of an element of {@code Forwarded}. The header was split at commas before, because an
     * address has neither a comma nor a semicolon, quoted or not.
     */
    private static final Pattern FOR =
            Pattern.compile("(?:^|;)\\s*for\\s*=\\s*(?:\"([^\"]*)\"|([^\\s;]*))", Pattern.CASE_INSENSITIVE);

    /** An IPv6 address in brackets or an IPv4 address, both with an optional port, or an address alone. */
    private static final Pattern NODE =
            Pattern.compile("\\[(?<six>[^]]+)](:\\d+)?|(?<four>[0-9.]+)(:\\d+)?|(?<bare>[^\\[]+)");

    private static final int IPV6_BYTES = 16;
    private static final int IPV6_NETWORK_BYTES = 8;

    private final TrustedProxies proxies;

    ClientAddress(TrustedProxies proxies) {
        this.proxies = proxies;
    }

    /** Returns the client's address. */
    String of(HttpServerRequest request) {
        return of(peer(request), request.headers());
    }

    /** Returns what all addresses of one client have in common: for IPv6, a network of 64 bits. */
    String networkOf(HttpServerRequest request) {
        return networkOf(peer(request), request.headers());
    }

    private static String peer(HttpServerRequest request) {
        return String.valueOf(request.remoteAddress().hostAddress());
    }

    String of(String peer, MultiMap headers) {
        return client(peer, headers).map(InetAddress::getHostAddress).orElse(peer);
    }

    String networkOf(String peer, MultiMap headers) {
        return client(peer, headers).map(ClientAddress::network).orElse(peer);
    }

    /** Returns the client's address; empty if the peer is not an IP address. */
    private Optional<InetAddress> client(String peer, MultiMap headers) {
        return Optional.ofNullable(NetUtil.createInetAddressFromIpAddressString(peer))
                .map(address -> proxies.isEmpty() ? address : client(address, headers));
    }

    private InetAddress client(InetAddress peer, MultiMap headers) {
        List<String> forwarded = elements(headers, "Forwarded").stream()
                .map(ClientAddress::forParameter)
                .toList();
        List<String> forwardedFor = elements(headers, "X-Forwarded-For");
        if (forwarded.isEmpty() || forwardedFor.isEmpty()) {
            return lastUntrusted(peer, forwarded.isEmpty() ? forwardedFor : forwarded);
        }
        InetAddress client = lastUntrusted(peer, forwarded);
        return client.equals(lastUntrusted(peer, forwardedFor)) ? client : peer;
    }

    private static List<String> elements(MultiMap headers, String name) {
        List<String> lines = headers.getAll(name);
        return lines.isEmpty()
                ? List.of()
                : Arrays.stream(String.join(",", lines).split(","))
                        .map(String::trim)
                        .toList();
    }

    private static String forParameter(String element) {
        Matcher matcher = FOR.matcher(element);
        if (!matcher.find()) {
            return "";
        }
        return matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
    }

    /** Returns the last address that is not a trusted proxy; a proxy's own address if the one before it cannot be read. */
    private InetAddress lastUntrusted(InetAddress peer, List<String> nodes) {
        InetAddress client = peer;
        for (int i = nodes.size() - 1; i >= 0 && proxies.contains(client); i--) {
            Optional<InetAddress> before = address(nodes.get(i));
            if (before.isEmpty()) {
                break;
            }
            client = before.get();
        }
        return client;
    }

    private static Optional<InetAddress> address(String node) {
        Matcher matcher = NODE.matcher(node);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String text = Optional.ofNullable(matcher.group("six"))
                .or(() -> Optional.ofNullable(matcher.group("four")))
                .orElse(matcher.group("bare"));
        return Optional.ofNullable(NetUtil.createInetAddressFromIpAddressString(text));
    }

    private static String network(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address.getHostAddress();
        }
        byte[] network = Arrays.copyOf(Arrays.copyOf(address.getAddress(), IPV6_NETWORK_BYTES), IPV6_BYTES);
        return NetUtil.bytesToIpAddress(network) + "/64";
    }
}
