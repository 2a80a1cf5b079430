package dev.crier.config;

import dev.crier.config.file.Section;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** The proxies whose {@code Forwarded} and {@code X-Forwarded-For} headers Crier trusts. */
public record TrustedProxies(List<Subnet> subnets) {

    private static final String EXPECTED = "an address such as 10.0.0.1 or ::1, or a subnet such as 10.0.0.0/8";

    /** An address, and the number of its leading bits that all addresses of the subnet share (CIDR). */
    record Subnet(InetAddress address, int prefixBits) {

        /** Parses a subnet, or an address as a subnet of its own. Returns null if the text is neither. */
        static Subnet parse(String text) {
            int slash = text.indexOf('/');
            InetAddress address = address(slash < 0 ? text : text.substring(0, slash));
            if (address == null) {
                return null;
            }
            int allBits = 8 * address.getAddress().length;
            int prefixBits = slash < 0 ? allBits : number(text.substring(slash + 1), allBits);
            return prefixBits < 0 ? null : new Subnet(address, prefixBits);
        }

        /** Parses an address without ever resolving a host name. */
        private static InetAddress address(String text) {
            try {
                return text.indexOf(':') < 0 ? ipv4(text) : ipv6(text);
            } catch (UnknownHostException e) {
                return null;
            }
        }

        private static InetAddress ipv4(String text) throws UnknownHostException {
            String[] parts = text.split("\\.", -1);
            var bytes = new byte[4];
            if (parts.length != bytes.length) {
                return null;
            }
            for (int i = 0; i < bytes.length; i++) {
                int part = number(parts[i], 255);
                if (part < 0) {
                    return null;
                }
                bytes[i] = (byte) part;
            }
            return InetAddress.getByAddress(bytes);
        }

        /** Rejects IPv4-mapped addresses, because Java and Netty know such a peer by its IPv4 address. */
        private static InetAddress ipv6(String text) throws UnknownHostException {
            if (text.indexOf('%') >= 0) {
                return null;
            }
            // between brackets, Java accepts only an IPv6 address
            InetAddress address = InetAddress.getByName(text.startsWith("[") ? text : "[" + text + "]");
            return address instanceof Inet6Address ? address : null;
        }

        /** Returns the number, or -1 if the text is not one or is too large. */
        private static int number(String text, int max) {
            if (!text.matches("\\d{1,3}")) {
                return -1;
            }
            int number = Integer.parseInt(text);
            return number <= max ? number : -1;
        }

        boolean contains(InetAddress other) {
            byte[] own = address.getAddress();
            byte[] theirs = other.getAddress();
            if (own.length != theirs.length) {
                return false;
            }
            int wholeBytes = prefixBits / 8;
            for (int i = 0; i < wholeBytes; i++) {
                if (own[i] != theirs[i]) {
                    return false;
                }
            }
            int restBits = prefixBits % 8;
            return restBits == 0 || ((own[wholeBytes] ^ theirs[wholeBytes]) & 0xff) >> (8 - restBits) == 0;
        }
    }

    public TrustedProxies {
        subnets = List.copyOf(subnets);
    }

    /** @param subnets valid addresses and subnets */
    public static TrustedProxies of(List<String> subnets) {
        return new TrustedProxies(subnets.stream().map(Subnet::parse).toList());
    }

    static TrustedProxies read(Section section) {
        return of(section.strings("trustedProxies", List.of(), text -> Subnet.parse(text) != null, EXPECTED));
    }

    public boolean isEmpty() {
        return subnets.isEmpty();
    }

    public boolean contains(InetAddress address) {
        return subnets.stream().anyMatch(subnet -> subnet.contains(address));
    }
}
