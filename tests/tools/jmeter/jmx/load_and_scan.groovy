// Asks a real JMeter two things: does it load and save these plans again, and where does it see references?
// Arguments: a file of texts, one a line in base64, then plans. Output: one line each.
import org.apache.jmeter.engine.util.CompoundVariable
import org.apache.jmeter.save.SaveService
import org.apache.jmeter.util.JMeterUtils
import org.apache.jorphan.collections.HashTree
import org.apache.jorphan.collections.HashTreeTraverser

def home = System.getProperty('jmeter.home')
JMeterUtils.loadJMeterProperties(home + '/bin/jmeter.properties')
JMeterUtils.setJMeterHome(home)
JMeterUtils.initLocale()
new File(args[0]).eachLine { line ->
    def text = new String(line.decodeBase64(), 'UTF-8')
    def compiled = new CompoundVariable()
    def seen
    try {
        compiled.setParameters(text)
        seen = compiled.hasFunction()
    } catch (Exception refused) {
        seen = true
    }
    println "TEXT $seen"
}
args.drop(1).each { name ->
    def tree = SaveService.loadTree(new File(name))
    def counts = new TreeMap()
    tree.traverse(new HashTreeTraverser() {
        void addNode(Object node, HashTree below) { counts.merge(node.class.simpleName, 1, Integer::sum) }
        void subtractNode() {}
        void processPath() {}
    })
    def saved = new ByteArrayOutputStream()
    SaveService.saveTree(tree, saved)
    new File(name + '.saved').bytes = saved.toByteArray()
    println "PLAN $counts"
}
