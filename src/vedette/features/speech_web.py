"""What markup, script and templates look like inside a value: what a browser or a template engine would run."""

from __future__ import annotations

from typing import Final

ROWS: Final = (
    (5.0, r"<\s*/?\s*script|<\s*\w+:script|\bscript\s*>|\+adw-"),
    (
        4.5,
        r"<\s*/?\s*(?:iframe|frame|frameset|object|embed|applet|svg|math|img|image|body|html|meta|link|base|style|form|"
        r"input|button|textarea|select|video|audio|source|marquee|isindex|bgsound|layer|ilayer|xml|xss|vmlframe|"
        r"details|dialog|keygen|portal|template|animate|set|foreignobject|blink|noscript|bdo|a|b|i|p|div|span|table|"
        r"td|br|h[1-6]|title|comment|event-source|listener|import|canvas|area|map|font|center|pre|code|li|ul|ol)\b"
        r"(?=[\s/>=+\"'(]|$)",
    ),
    (
        4.0,
        r"<\w[\w:-]*(?:[\s/+]+[^<>]{0,200})?\bon\w{3,20}\s*=|<\w[\w-]*[\s/][^<>]{0,200}(?:style|href|src|xlink|id|tabindex|"
        r"contenteditable|autofocus)\b",
    ),
    (
        4.5,
        r"(?:^|[\s'\"/;<+,`\x0b\x0c])on(?:abort|activate|after\w+|animation\w+|auxclick|before\w+|begin|blur|bounce|"
        r"can\w+|change|click|close|context\w+|copy|cut|cuechange|dblclick|deactivate|drag\w*|drop|duration\w+|end|ended|"
        r"error|finish|focus\w*|full\w+|gotpointer\w+|hashchange|input|invalid|key\w+|load\w*|lost\w+|message|mouse\w+|"
        r"online|offline|page\w+|paste|pause|play\w*|pointer\w+|popstate|progress|property\w+|ratechange|readystate\w+|"
        r"repeat|reset|resize|scroll\w*|search|seek\w+|select\w*|show|slot\w+|stalled|start|storage|submit|suspend|"
        r"time\w+|toggle|touch\w+|transition\w+|unhandled\w+|unload|volume\w+|webkit\w+|wheel|zoom)\s*=",
    ),
    (
        5.0,
        r"(?:j\s*a\s*v\s*a|v\s*b|live|moz|mocha)\s*s?\s*(?:c\s*r\s*i\s*p\s*t)?\s*:\s*(?:[\w(\[/'\"&%\\`]|$)(?<!java:)"
        r"(?<=script:.)|mocha:|(?:java|vb|live)script\s*:\s*(?:$|[\w(/'\"&\\%])(?!\s)",
    ),
    (
        4.0,
        r"\bdata\s*:\s*(?:text|image/svg|application)/[\w+]+(?:[;,]|$)|\bdata:,|srcdoc\s*=|formaction\s*=|xlink:href|\bxmlns\s*=",
    ),
    (
        4.5,
        r"\b(?:alert|prompt|confirm|eval|settimeout|setinterval|setimmediate|execscript|atob|btoa|unescape|"
        r"fromcharcode|import|fetch|document\.write(?:ln)?|createelement|constructor)\s*(?:\(|`|\?\.\(|\[)",
    ),
    (
        4.5,
        r"\b(?:document|window|self|top|parent|location|globalthis|frames|navigator)\s*(?:\.|\[\s*['\"/])\s*"
        r"(?:cookie|location|href|write\w*|domain|body|forms|url|referrer|getelement\w*|queryselector\w*|eval|alert|"
        r"constructor|name|open|innerhtml|documentelement|parentnode|childnodes|defaultview|localstorage|create\w+)\b",
    ),
    (
        3.5,
        r"\.(?:innerhtml|outerhtml|parentnode|appendchild|innertext|addeventlistener|tostring\(|constructor\b|prototype\b)|"
        r"\b(?:string|object|array|function|number|regexp|math)\.(?:fromcharcode|prototype|constructor|call|apply)|"
        r"\bstring\s*\[|localstorage\b|sessionstorage\b|xmlhttprequest|activexobject",
    ),
    (
        4.0,
        r"\bexpression\s*\(|-moz-binding|behaviou?r\s*:|@import[\s'\"(]|\burl\s*\(\s*['\"]?\s*(?:javascript|data|vbscript)|"
        r"-o-link|\bstyle\s*=\s*[^<>]{0,80}(?:expression|url\s*\(|binding|animation|position)|@keyframes",
    ),
    (
        4.0,
        r"<!\s*(?:entity|doctype|\[cdata\[|element|attlist|--#|--\s*<)|<!--#(?:exec|include|echo|config)|-->|"
        r"<\?(?:xml-|import)|\bsystem\s+['\"](?:file|http|ftp|php|expect|jar|netdoc|gopher)|xinclude|xi:include|%\w+;\s*\]",
    ),
    (3.0, r"[\"'`]\s*/?>|[\"']\s*[;)}\]]+\s*[\w(/]+\s*[(.=]|&lt;\s*/?\w+"),
    (2.5, r"<[a-z!/%]|=\s*[\"']|[\"']\s*\w+\s*="),
    (4.5, r"\[\s*(?:\]|!|\+)[\[\]()!+]{8,}|\(\s*!\s*\[\s*\]|\u00bc\s*/?[a-z]{2,12}[^\u00bc\u00be]{0,60}\u00be|\ufeff"),
    (
        4.0,
        r"\{\{.{0,200}\}\}|\{%.{1,200}%\}|\$\{[^{}]{0,200}[\w)\]*+:]\}|#\{[^}]{1,200}\}|<%[=@#]?.{0,200}%>|"
        r"\*\{[^}]{1,200}\}|@\([^)]{1,100}\)|\[\[\$?\{|#set\s*\(|%\{\s*\(?#|\{php\}|\{\$smarty",
    ),
)
"""Weight in decades, and a pattern of lower-case text."""

TEMPLATE: Final = (
    (
        5.5,
        r"\$\{\s*(?:jndi|\$\{|lower:|upper:|env:|sys:|java:|date:|main:|ctx:|k8s:|base64:|bundle:|sd:|::-|[\w-]*:[\w-]*:?-)|"
        r"jndi\s*:\s*(?:ldaps?|rmi|dns|iiop|corba|nds|nis|http|\$)|\$\{.{0,80}\$\{",
    ),
    (
        4.0,
        r"\{\{\s*(?:\d+\s*[*+-]\s*\d+|['\"]|config|self|request|\w+\.__|\[\])|__(?:class|mro|subclasses|globals|builtins|import|"
        r"init|proto)__",
    ),
)
"""Expressions that a template engine or a logging library would run."""

OBJECTS: Final = (
    (4.0, r"\b(?:process|require|global|globalthis)\s*\[\s*['\"\w]|\bimport\s*[{*\w].{0,80}\bfrom\s*['\"]|!entity\s"),
    (
        5.0,
        r"__proto__|^[\w.]+__(?:i?startswith|i?endswith|i?contains|i?exact|i?regex|[gl]te?|isnull|contained_by|has_(?:any_)?keys?|overlap|range|in)$|\bconstructor[\]'\".\[:]{1,4}\s*(?:prototype|constructor|\[)|prototype\s*\]?\s*\[|\[\s*['\"]?(?:constructor|prototype)",
    ),
    (
        5.0,
        r"_\$\$nd_func\$\$_|\brequire\s*\(\s*['\"`\\]?[\w$]|\bchild_process\b|\bmodule\.exports|\bglobal\.process|"
        r"\bprocess\s*(?:\.|\[|\?\.)\s*['\"]?(?:binding|mainmodule|env|exit|kill|stdout|argv|version)|\bspawn(?:sync)?\s*\(|"
        r"\bexec(?:sync|file)?\s*\(|\bnew\s+function\s*\(|\bfunction\s*\([^)]{0,60}\)\s*\{|\bconsole\s*(?:\.|\[)\s*['\"]?"
        r"(?:log|info|error|debug|warn|dir|table|trace|assert)|\bbuffer\.from|\bthis\.constructor|=>\s*[{(]|\bfs\.\w+file",
    ),
    (
        4.5,
        r"\b(?:java|javax|sun|com\.(?:sun|opensymphony|thoughtworks|mchange|alibaba|caucho|rometools|fasterxml|vaadin|ibm)|org\.(?:apache|springframework|omg|mozilla|codehaus|hibernate|jboss|python))\."
        r"(?:[\w$]+\.){0,6}[\w$]{3,}|\b(?:processbuilder|runtime\.getruntime|getruntime|objectinputstream|classloader|"
        r"inputstreamreader|invokerfunctor|invoketransformer|instantiatetransformer|unmarshaller|unsafe\.allocate)\b|"
        r"\bclonetransformer|\bforclosure|\binstantiatefactory|\bprototypeclonefactory|\bwhileclosure|\bt\(java|"
        r"class\.module\.class|ognl\.|@java\.|\bfreemarker\.template|\bscriptenginemanager|\bjrmp",
    ),
    (
        5.0,
        r"\bro0ab|\bkgdrax|aced0005|\brgqb|\u00ac\u00ed\x00|\\xac\\xed|\bkztax|\brmi\.\w+|!!(?:javax|python|ruby)/?\w*|"
        r"!ruby/object|c__builtin__|cos\nsystem|\bo:\d{1,6}:\"|\ba:\d+:\{[isaobd]:\d|\boC:\d+:\"",
    ),
    (
        4.0,
        r"\b\w+\.(?:new|class|constantize|send)\b\s*[(.]|\bobject\.const_get|\b(?:kernel|process|io|open3)\.(?:exec|spawn|popen|system|"
        r"fork|kill|open|read|daemon|clock\w*|getp\w+|setp\w+|wait\w*|exit|times|last_status)\b|%x[{(\[]|\bperl\b.{0,20}-e\b",
    ),
)
"""Objects of Java, Node, Ruby, Python and serialized ones."""
