// Lets JMeter load plans, save them again as NAME.saved, and say what it saw. Nothing is run or sent.
// Arguments: plans, or directories that hold them. Texts of a plan are data here, never a script.
// Output, one line each, texts in base64:
//   PLAN <name>                  begins a plan
//   CLASS <count> <class>        elements as loaded
//   AGAIN <count> <class>        elements as loaded once more, from what was saved
//   SEES <text> <name>...        a text in which JMeter's own parser finds functions or variables, and which
//   FAILED <reason>              ends a plan that JMeter does not take
//   DONE                         ends any other plan
import org.apache.jmeter.engine.util.CompoundVariable
import org.apache.jmeter.engine.util.SimpleVariable
import org.apache.jmeter.functions.Function
import org.apache.jmeter.save.SaveService
import org.apache.jmeter.testelement.TestElement
import org.apache.jmeter.testelement.property.CollectionProperty
import org.apache.jmeter.testelement.property.MapProperty
import org.apache.jmeter.testelement.property.TestElementProperty
import org.apache.jmeter.util.JMeterUtils
import org.apache.jorphan.collections.HashTree
import org.apache.jorphan.collections.HashTreeTraverser

class Visit implements HashTreeTraverser {
    Closure visit
    void addNode(Object node, HashTree below) { visit(node) }
    void subtractNode() {}
    void processPath() {}
}

def encoded(String text) { text.getBytes('UTF-8').encodeBase64().toString() }

Map counts(HashTree tree) {
    def found = new TreeMap()
    tree.traverse(new Visit(visit: { node -> found.merge(node.class.simpleName, 1, Integer::sum) }))
    found
}

void texts(Object value, Set found) {
    if (value instanceof TestElement) {
        value.propertyIterator().each { texts(it, found) }
    } else if (value instanceof TestElementProperty) {
        texts(value.element, found)
    } else if (value instanceof CollectionProperty || value instanceof MapProperty) {
        value.iterator().each { texts(it, found) }
    } else {
        found << (value.stringValue ?: '')
    }
}

def parts = CompoundVariable.getDeclaredField('compiledComponents')
parts.accessible = true

List seen(String text, parts) {
    def compiled = new CompoundVariable()
    compiled.setParameters(text)
    if (!compiled.hasFunction()) return null
    parts.get(compiled).findAll { it instanceof Function || it instanceof SimpleVariable }.collect {
        it instanceof Function ? it.referenceKey : it.name
    }
}

def home = System.getProperty('jmeter.home')
JMeterUtils.loadJMeterProperties(home + '/bin/jmeter.properties')
JMeterUtils.setJMeterHome(home)
JMeterUtils.initLocale()
args.collectMany { name ->
    def file = new File(name)
    file.directory ? file.listFiles().findAll { it.name.endsWith('.jmx') }.sort() : [file]
}.each { file ->
    println "PLAN ${encoded(file.name)}"
    try {
        def tree = SaveService.loadTree(file)
        counts(tree).each { name, count -> println "CLASS $count $name" }
        def found = new LinkedHashSet()
        tree.traverse(new Visit(visit: { node -> texts(node, found) }))
        found.each { text ->
            def names = seen(text, parts)
            if (names != null) println((['SEES', encoded(text)] + names.collect { encoded(it) }).join(' '))
        }
        def saved = new File(file.path + '.saved')
        saved.withOutputStream { SaveService.saveTree(tree, it) }
        counts(SaveService.loadTree(saved)).each { name, count -> println "AGAIN $count $name" }
        println 'DONE'
    } catch (Throwable refused) {
        if (refused instanceof VirtualMachineError) throw refused
        println "FAILED ${encoded(refused.toString())}"
    }
}
