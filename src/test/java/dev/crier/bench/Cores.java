package dev.crier.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * The cores of this machine that a process may run on. Where it matters how long things take, the load client has the last
 * one and the server the others: else it is luck whether the kernel has the two wait for each other on the same core while
 * another is idle.
 *
 * @param first counted from 0
 */
record Cores(int first, int last) {

    private static final int LAST = Runtime.getRuntime().availableProcessors() - 1;

    static final Cores ALL = new Cores(0, LAST);

    /** Where there is one core only, the two share it. */
    static Cores ofServer(Entrant entrant) {
        return isApart(entrant) ? new Cores(0, LAST - 1) : ALL;
    }

    static Cores ofClient(Entrant entrant) {
        return isApart(entrant) ? new Cores(LAST, LAST) : ALL;
    }

    private static boolean isApart(Entrant entrant) {
        return entrant.apart() && LAST > 0;
    }

    /** The command that runs the command there, by taskset(1). */
    List<String> run(List<String> command) {
        if (equals(ALL)) {
            return command;
        }
        var there = new ArrayList<>(List.of("taskset", "-c", first + "-" + last));
        there.addAll(command);
        return there;
    }
}
