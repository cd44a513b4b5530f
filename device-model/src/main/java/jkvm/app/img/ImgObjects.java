package jkvm.app.img;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.app.options.OptionValues;
import jkvm.app.options.UsageException;
import jkvm.host.HostException;

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
            if (word.equals(OPTION) && i + 1 < words.size()) {
                i++;
                add(words.get(i), secrets);
            } else if (word.startsWith(OPTION + "=")) {
                add(word.substring(OPTION.length() + 1), secrets);
            } else {
                rest.add(word);
            }
        }
        return rest;
    }

    private static void add(String text, Map<String, byte[]> secrets) {
        OptionValues values = new OptionValues(OPTION, text, "qom-type");
        String type = values.take("qom-type").orElse("");
        if (!type.equals("secret")) {
            throw values.error("only objects of the type secret are supported");
        }
        String id = values.take("id").orElseThrow(() -> values.error("property id is missing"));
        Optional<String> data = values.take("data");
        Optional<String> file = values.take("file");
        boolean encoded = values.take("format").orElse("raw").equals("base64");
        values.end();
        if (data.isPresent() == file.isPresent()) {
            throw values.error("either data= or file= has the secret");
        }
        byte[] bytes = data.map(each -> each.getBytes(StandardCharsets.UTF_8)).orElseGet(() -> read(file.get()));
        try {
            if (encoded) {
                bytes = Base64.getDecoder().decode(new String(bytes, StandardCharsets.ISO_8859_1).strip());
            }
        } catch (IllegalArgumentException _) {
            throw values.error("the secret is not base64");
        }
        if (secrets.putIfAbsent(id, bytes) != null) {
            throw values.error("the id " + id + " is in use already");
        }
    }

    private static byte[] read(String file) {
        try {
            return Files.readAllBytes(Path.of(file));
        } catch (IOException e) {
            throw new UsageException(OPTION + " secret: " + file + ": " + HostException.reasonOf(e));
        }
    }
}
