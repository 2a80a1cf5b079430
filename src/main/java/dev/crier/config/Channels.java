package dev.crier.config;

import dev.crier.event.ChannelName;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The channels that the conf declares; no two of the patterns overlap. */
public record Channels(Map<ChannelPattern, ChannelConf> declared) {

    public Channels {
        declared = Map.copyOf(declared);
    }

    static Channels read(Section section, Webroot webroot, Map<String, Consumer<Section>> sources) {
        var declared = new LinkedHashMap<ChannelPattern, ChannelConf>();
        for (String path : section.names()) {
            if (!ChannelName.isValid(path)) {
                section.refuse(path, "a name that is " + ChannelPattern.EXPECTED, null);
                continue;
            }
            var pattern = new ChannelPattern(new ChannelName(path));
            declared.keySet().stream()
                    .filter(pattern::overlaps)
                    .forEach(other -> section.collision(path, other + ", of which some channel would be too"));
            webroot.files()
                    .filter(file -> pattern.overlaps(new ChannelPattern(new ChannelName(file))))
                    .forEach(file -> section.collision(path, file + ", a file of the webroot"));
            declared.put(pattern, ChannelConf.read(section.section(path), pattern, sources));
        }
        return new Channels(declared);
    }

    /** How the channel is declared, if it is. */
    public Optional<ChannelConf> find(ChannelName name) {
        return declaration(name).map(declared::get);
    }

    /** What declares the channel, if anything does: the channel itself or a family. */
    public Optional<ChannelPattern> declaration(ChannelName name) {
        var exact = new ChannelPattern(name);
        if (declared.containsKey(exact)) {
            return Optional.of(exact);
        }
        return declared.keySet().stream()
                .filter(pattern -> pattern.isFamily() && pattern.matches(name))
                .findFirst();
    }

    /** The channels that are declared by their names, and not as members of a family. */
    public Set<ChannelName> named() {
        return declared.keySet().stream()
                .filter(pattern -> !pattern.isFamily())
                .map(ChannelPattern::name)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Whether reading takes a right anywhere. */
    public boolean guarded() {
        return declared.values().stream().anyMatch(ChannelConf::guarded);
    }

    /** Whether anyone may publish over HTTP. */
    public boolean takePublications() {
        return declared.values().stream().anyMatch(ChannelConf::publish);
    }
}
