package dev.crier.config;

import dev.crier.config.file.Section;
import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
import dev.crier.event.PatternTree;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The channels that the conf declares; no two of the patterns overlap. */
public final class Channels {

    private final Map<ChannelPattern, ChannelConf> declared;
    private final PatternTree families = new PatternTree();

    Channels(Map<ChannelPattern, ChannelConf> declared) {
        this.declared = Map.copyOf(declared);
        declared.keySet().stream().filter(ChannelPattern::isFamily).forEach(families::add);
    }

    public Map<ChannelPattern, ChannelConf> declared() {
        return declared;
    }

    static Channels read(Section section, Webroot webroot, Map<String, Consumer<Section>> sources) {
        var declared = new LinkedHashMap<ChannelPattern, ChannelConf>();
        var patterns = new PatternTree();
        var files = new PatternTree();
        webroot.files().map(ChannelName::new).map(ChannelPattern::new).forEach(files::add);
        for (String path : section.names()) {
            if (!ChannelName.isValid(path)) {
                section.refuse(path, "a name that is " + ChannelPattern.EXPECTED, null);
                continue;
            }
            var pattern = new ChannelPattern(new ChannelName(path));
            patterns.overlapping(pattern)
                    .forEach(other -> section.collision(path, other + ", of which some channel would be too"));
            files.overlapping(pattern).forEach(file -> section.collision(path, file + ", a file of the webroot"));
            patterns.add(pattern);
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
        return families.find(name);
    }

    /** Returns the channels that are declared by their names, without families. */
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

    @Override
    public boolean equals(Object other) {
        return other instanceof Channels that && declared.equals(that.declared);
    }

    @Override
    public int hashCode() {
        return declared.hashCode();
    }

    @Override
    public String toString() {
        return declared.toString();
    }
}
