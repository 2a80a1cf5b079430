package dev.crier;

import dev.crier.config.file.ConfException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The arguments of the process. Crier reads {@code -conf} and {@code -version} itself; the launcher of Vert.x gets all
 * others. Parsing these two with the launcher would take a tenth of the start-up time.
 *
 * @param version whether only the version is asked for
 * @param conf the value of {@code -conf}
 * @param forLauncher all other arguments
 */
record CommandLine(boolean version, Optional<String> conf, List<String> forLauncher) {

    private static final Pattern CONF = Pattern.compile("--?conf(?:=(.*))?", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private static final Pattern VERSION = Pattern.compile("--?version", Pattern.CASE_INSENSITIVE);

    private static final Set<String> OPTIONS = Set.of("-options", "--options", "-vertx-options", "--vertx-options");

    static CommandLine parse(List<String> args) {
        String conf = null;
        var forLauncher = new ArrayList<String>();
        var rest = args.iterator();
        while (rest.hasNext()) {
            String arg = rest.next();
            Matcher option = CONF.matcher(arg);
            if (VERSION.matcher(arg).matches()) {
                return new CommandLine(true, Optional.empty(), List.of());
            } else if (!option.matches()) {
                forLauncher.add(arg);
            } else {
                String next = option.group(1) != null ? option.group(1) : rest.hasNext() ? rest.next() : "";
                if (conf != null || next.isEmpty()) {
                    throw new ConfException(
                            "-conf: without a value, or twice (expected: once, with a file or a JSON object)");
                }
                conf = next;
            }
        }
        rejectStray(forLauncher);
        return new CommandLine(false, Optional.ofNullable(conf), forLauncher);
    }

    /** Rejects an argument that belongs to no option. The launcher would silently deploy it instead of Crier. */
    private static void rejectStray(List<String> args) {
        for (int i = 0; i < args.size(); i++) {
            boolean isValue = i > 0 && args.get(i - 1).startsWith("-");
            if (!args.get(i).startsWith("-") && !isValue) {
                throw new ConfException(args.get(i) + ": unknown (expected: options, such as -conf FILE)");
            }
        }
    }

    /** Returns whether {@code -options}, the options of Vert.x, is among the arguments. */
    boolean hasVertxOptions() {
        return forLauncher.stream().anyMatch(OPTIONS::contains);
    }
}
