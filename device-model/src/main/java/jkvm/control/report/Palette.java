package jkvm.control.report;

import java.util.ArrayList;
import java.util.List;
import jkvm.inspect.ExitCost;

/**
 * Gives each kind of exits a colour of its own, the same in all charts, as a class of the page's style sheet. The
 * colours are those of Okabe and Ito, which colour-blind people tell apart; the kinds beyond them share a grey.
 */
final class Palette {
    /** The colours that there are, without the grey. */
    static final int COLOURS = 7;
    /** The name of all kinds without a colour of their own. */
    static final String OTHERS = "others";

    private final List<String> kinds = new ArrayList<>();
    private final boolean hasOthers;

    /** @param costs of the kinds, the most frequent first */
    Palette(List<ExitCost> costs) {
        int own = costs.size() <= COLOURS + 1 ? costs.size() : COLOURS;
        costs.stream().limit(own).map(ExitCost::exit).forEach(kinds::add);
        hasOthers = own < costs.size();
    }

    /** The kinds with a place of their own, the most frequent first; {@link #OTHERS} last if there are some. */
    List<String> names() {
        List<String> names = new ArrayList<>(kinds);
        if (hasOthers) {
            names.add(OTHERS);
        }
        return names;
    }

    /** The place of a kind among {@link #names()}. */
    int of(String kind) {
        int index = kinds.indexOf(kind);
        return index < 0 ? kinds.size() : index;
    }

    /** The class of the style sheet that gives a place its colour. */
    static String styleOf(int place) {
        return "k" + Math.min(place, COLOURS);
    }

    /** Writes the colours and their names. */
    void legend(Markup page) {
        page.begin("ul", "class", "legend");
        List<String> names = names();
        for (int i = 0; i < names.size(); i++) {
            page.begin("li").begin("svg", "width", "12", "height", "12", "aria-hidden", "true")
                    .empty("rect", "width", "12", "height", "12", "rx", "2", "class", styleOf(i)).end()
                    .text(" " + names.get(i)).end();
        }
        page.endLine();
    }
}
