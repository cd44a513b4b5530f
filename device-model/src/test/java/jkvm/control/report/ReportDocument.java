package jkvm.control.report;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** A report page as a browser's program would see it: parsed as XML, which it has to be. */
public final class ReportDocument {
    private final Document document;

    private ReportDocument(Document document) {
        this.document = document;
    }

    /** Parses a page's text. */
    public static ReportDocument parse(String text) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        return new ReportDocument(factory.newDocumentBuilder().parse(new InputSource(new StringReader(text))));
    }

    /** Parses a file. */
    public static ReportDocument read(Path file) throws Exception {
        return parse(Files.readString(file));
    }

    /** All elements of a name. */
    public List<Element> all(String name) {
        return elements(document.getElementsByTagName(name));
    }

    private static List<Element> elements(NodeList nodes) {
        return IntStream.range(0, nodes.getLength()).mapToObj(i -> (Element) nodes.item(i)).toList();
    }

    /** The section with an id; null if there is none. */
    public Element section(String id) {
        return all("section").stream().filter(section -> section.getAttribute("id").equals(id)).findFirst()
                .orElse(null);
    }

    /** The text of a section. */
    public String text(String id) {
        return section(id).getTextContent();
    }

    /** The cells of the rows of all tables in a section, but for those of their heads. */
    public List<List<String>> rows(String id) {
        List<List<String>> rows = new ArrayList<>();
        for (Element row : elements(section(id).getElementsByTagName("tr"))) {
            if (row.getParentNode().getNodeName().equals("tbody")) {
                rows.add(elements(row.getElementsByTagName("td")).stream().map(Node::getTextContent).toList());
            }
        }
        return rows;
    }

    /** The fact with a label at the top of the page. */
    public String fact(String label) {
        List<Element> labels = all("dt");
        int index = labels.stream().map(Node::getTextContent).toList().indexOf(label);
        return index < 0 ? "" : all("dd").get(index).getTextContent();
    }

    /** The number above a label. */
    public String tile(String label) {
        return all("li").stream().filter(tile -> tile.getTextContent().endsWith(" " + label))
                .map(tile -> tile.getElementsByTagName("strong").item(0).getTextContent()).findFirst().orElse("");
    }
}
