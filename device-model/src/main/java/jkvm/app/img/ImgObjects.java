package jkvm.app.img;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jkvm.app.options.OptionValues;
import jkvm.app.options.SecretObject;

/** {@code --object secret,id=ID,data=TEXT|file=FILE[,format=raw|base64]}: passphrases for encrypted images. */
final class ImgObjects {
    private static final String OPTION = "--object";

    private ImgObjects() {
    }

    /**
     * Takes the objects out of a subcommand's words.
     *
     * @param secrets gets the secrets by their ids
     * @return the other words
     */
    static List<String> take(List<String> words, Map<String, byte[]> secrets) {
        List<String> rest = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.equals("--")) {
                rest.addAll(words.subList(i, words.size()));
                break;
            }
            if (isOption(word) && i + 1 < words.size()) {
                i++;
                add(words.get(i), secrets);
            } else if (word.indexOf('=') > 0 && isOption(word.substring(0, word.indexOf('=')))) {
                add(word.substring(word.indexOf('=') + 1), secrets);
            } else {
                rest.add(word);
            }
        }
        return rest;
    }

    /** Users may shorten it, but not so far that it could be another one. */
    private static boolean isOption(String word) {
        return word.length() >= "--ob".length() && OPTION.startsWith(word);
    }

    private static void add(String text, Map<String, byte[]> secrets) {
        OptionValues values = new OptionValues(OPTION, text, "qom-type");
        String type = values.take("qom-type").orElse("");
        if (!type.equals(SecretObject.TYPE)) {
            throw values.error("only objects of the type secret are supported");
        }
        SecretObject.add(values, secrets);
    }
}
