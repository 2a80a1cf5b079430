package dev.crier.config;

import dev.crier.config.file.Section;
import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/** Whom Crier believes when it says for whom it asks: addresses and subnets (CIDR). */
public record TrustedProxies(List<IpSubnetFilterRule> subnets) {

    private static final String EXPECTED = "an address such as 10.0.0.1 or ::1, or a subnet such as 10.0.0.0/8";

    public TrustedProxies {
        subnets = List.copyOf(subnets);
    }

    static TrustedProxies read(Section section) {
        return new TrustedProxies(
                section.texts("trustedProxies", List.of(), TrustedProxies::isSubnet, EXPECTED).stream()
                        .map(TrustedProxies::subnet)
                        .toList());
    }

    private static boolean isSubnet(String text) {
        String[] parts = text.split("/", 2);
        boolean four = NetUtil.isValidIpV4Address(parts[0]);
        if (!four && !NetUtil.isValidIpV6Address(parts[0])) {
            return false;
        }
        return parts.length == 1 || parts[1].matches("\\d{1,3}") && Integer.parseInt(parts[1]) <= (four ? 32 : 128);
    }

    private static IpSubnetFilterRule subnet(String text) {
        String[] parts = text.split("/", 2);
        int whole = NetUtil.isValidIpV4Address(parts[0]) ? 32 : 128;
        int prefix = parts.length == 1 ? whole : Integer.parseInt(parts[1]);
        return new IpSubnetFilterRule(parts[0], prefix, IpFilterRuleType.ACCEPT);
    }

    public boolean none() {
        return subnets.isEmpty();
    }

    public boolean contain(InetAddress address) {
        var peer = new InetSocketAddress(address, 0);
        return subnets.stream().anyMatch(subnet -> subnet.matches(peer));
    }
}
