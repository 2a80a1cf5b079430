package dev.crier.limit;

import dev.crier.config.TrustedProxies;
import io.netty.util.NetUtil;
import io.vertx.core.http.HttpServerRequest;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * From where a request comes: from its peer, or, where that is a trusted proxy, from where that says: in {@code
 * Forwarded} (RFC 7239) or {@code X-Forwarded-For}. Both are read from their end, for what stands before the word of the
 * last proxy that is trusted is the client's own, and may be anything. The same goes for the one of the two headers that a
 * proxy does not know: so where both are there and differ, neither counts.
 */
final class ClientAddress {

    /** The first part of each element that says for whom; commas and semicolons do not stand in what is quoted there. */
    private static final Pattern FOR =
            Pattern.compile("(?:^|;)\\s*for\\s*=\\s*(?:\"([^\"]*)\"|([^\\s;]*))", Pattern.CASE_INSENSITIVE);

    /** With a port, or in brackets. */
    private static final Pattern NODE =
            Pattern.compile("\\[(?<six>[^]]+)](:\\d+)?|(?<four>[0-9.]+)(:\\d+)?|(?<bare>[^\\[]+)");

    private static final int NETWORK_BYTES_OF_SIX = 8;

    private final TrustedProxies proxies;

    ClientAddress(TrustedProxies proxies) {
        this.proxies = proxies;
    }

    /** The client's own address. */
    String of(HttpServerRequest request) {
        return client(request).map(InetAddress::getHostAddress).orElseGet(() -> peer(request));
    }

    /** What is the same for all addresses that one client may have: of IPv6, that is a network of 64 bits. */
    String networkOf(HttpServerRequest request) {
        return client(request).map(ClientAddress::network).orElseGet(() -> peer(request));
    }

    private static String peer(HttpServerRequest request) {
        return String.valueOf(request.remoteAddress().hostAddress());
    }

    private Optional<InetAddress> client(HttpServerRequest request) {
        return Optional.ofNullable(NetUtil.createInetAddressFromIpAddressString(peer(request)))
                .map(peer -> proxies.none() ? peer : client(peer, request));
    }

    private InetAddress client(InetAddress peer, HttpServerRequest request) {
        List<String> forwarded =
                elements(request, "Forwarded").map(ClientAddress::nodes).orElse(List.of());
        List<String> forwardedFor = elements(request, "X-Forwarded-For").orElse(List.of());
        if (forwarded.isEmpty() || forwardedFor.isEmpty()) {
            return client(peer, forwarded.isEmpty() ? forwardedFor : forwarded);
        }
        InetAddress one = client(peer, forwarded);
        return one.equals(client(peer, forwardedFor)) ? one : peer;
    }

    private static Optional<List<String>> elements(HttpServerRequest request, String header) {
        List<String> lines = request.headers().getAll(header);
        return lines.isEmpty()
                ? Optional.empty()
                : Optional.of(Arrays.stream(String.join(",", lines).split(","))
                        .map(String::trim)
                        .toList());
    }

    private static List<String> nodes(List<String> elements) {
        return elements.stream().map(FOR::matcher).map(ClientAddress::node).toList();
    }

    private static String node(Matcher matcher) {
        if (!matcher.find()) {
            return "";
        }
        return matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
    }

    /** From the end, as long as each is trusted to say who was before it. */
    private InetAddress client(InetAddress peer, List<String> nodes) {
        InetAddress client = peer;
        for (int i = nodes.size() - 1; i >= 0 && proxies.contain(client); i--) {
            InetAddress before = address(nodes.get(i));
            if (before == null) {
                break;
            }
            client = before;
        }
        return client;
    }

    private static InetAddress address(String node) {
        Matcher matcher = NODE.matcher(node);
        if (!matcher.matches()) {
            return null;
        }
        String text = Optional.ofNullable(matcher.group("six"))
                .or(() -> Optional.ofNullable(matcher.group("four")))
                .orElse(matcher.group("bare"));
        return NetUtil.createInetAddressFromIpAddressString(text);
    }

    private static String network(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address.getHostAddress();
        }
        byte[] network = Arrays.copyOf(Arrays.copyOf(address.getAddress(), NETWORK_BYTES_OF_SIX), 16);
        return NetUtil.bytesToIpAddress(network) + "/64";
    }
}
