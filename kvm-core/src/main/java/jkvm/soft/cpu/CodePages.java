package jkvm.soft.cpu;

import java.util.Arrays;

/**
 * The pages that hold decoded code, by host address: a hash table with linear probing that allocates nothing to ask.
 */
final class CodePages {
    private CodePage[] table = new CodePage[256];
    private int size;

    private static int slot(long host, int mask) {
        return (int) (host >>> 12) * 0x9E3779B1 >>> 7 & mask;
    }

    /** The page at a host address, or null. */
    CodePage get(long host) {
        int mask = table.length - 1;
        for (int i = slot(host, mask); table[i] != null; i = i + 1 & mask) {
            if (table[i].host == host) {
                return table[i];
            }
        }
        return null;
    }

    /** Adds a page that is not there. */
    void put(CodePage page) {
        if (size * 2 >= table.length) {
            CodePage[] old = table;
            table = new CodePage[old.length * 2];
            for (CodePage p : old) {
                if (p != null) {
                    insert(p);
                }
            }
        }
        insert(page);
        size++;
    }

    private void insert(CodePage page) {
        int mask = table.length - 1;
        int i = slot(page.host, mask);
        while (table[i] != null) {
            i = i + 1 & mask;
        }
        table[i] = page;
    }

    /**
     * Forgets the pages none of whose blocks is compiled.
     *
     * @return the decoded instructions of the others
     */
    int keepCompiled() {
        CodePage[] old = table;
        table = new CodePage[old.length];
        size = 0;
        int instructions = 0;
        for (CodePage page : old) {
            if (page != null && page.hasCompiled()) {
                insert(page);
                size++;
                instructions += page.unlink();
            }
        }
        return instructions;
    }

    int size() {
        return size;
    }

    void clear() {
        Arrays.fill(table, null);
        size = 0;
    }
}
