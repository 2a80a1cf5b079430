package dev.crier.log.store;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;

/**
 * Estimates the size of objects on the heap of a 64-bit virtual machine with compressed references, where objects begin at
 * multiples of 8 bytes. A test compares the sums with a real heap.
 */
public final class HeapSize {

    /** Id 32, entry 32, event 24, and in an array of the channel, on average, one and a half references of 4. */
    private static final long ENTRY = 94;

    /** A channel without entries: a node of the map 40, the channel's objects 40 and 16, an array 72, and a position 32. */
    public static final long CHANNEL = 200;

    /** A name 16, and a node of the set of names 40. */
    private static final long NAME = 56;

    /** A node of the map 48, the key 24, the receipt 40, and the list of ids 40. */
    private static final long RECEIPT = 152;

    /** An id 32, and a reference to it. */
    private static final long RECEIPT_ID = 36;

    private static final long STRING = 24;
    private static final long ARRAY = 16;

    /** The smallest region of the G1 collector, which gives whole regions to an array of half a region or more. */
    private static final long REGION = 1L << 20;

    private HeapSize() {}

    public static long of(Entry entry) {
        return of(entry.event());
    }

    /** Returns the size of an entry with the event, without the name of its channel, which all entries share. */
    public static long of(Event event) {
        long type = event.type().isEmpty() ? 0 : of(event.type());
        return ENTRY + type + of(event.data());
    }

    public static long of(ChannelName channel) {
        return NAME + of(channel.path());
    }

    /** @param ids how many ids the receipt has */
    static long ofReceipt(String key, String digest, int ids) {
        return RECEIPT + of(key) + of(digest) + RECEIPT_ID * ids;
    }

    private static long of(String text) {
        long array = ARRAY + (isLatin1(text) ? text.length() : 2L * text.length());
        return STRING + (array < REGION / 2 ? roundUp(array, 8) : roundUp(array, REGION));
    }

    private static long roundUp(long bytes, long multiple) {
        return (bytes + multiple - 1) / multiple * multiple;
    }

    /** Returns whether the string takes one byte a character, and not two. */
    private static boolean isLatin1(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0xff) {
                return false;
            }
        }
        return true;
    }
}
