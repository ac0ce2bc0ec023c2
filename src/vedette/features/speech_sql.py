"""What queries to databases and directories look like inside a value: grammar, not signatures of tools."""

from __future__ import annotations

from typing import Final

FUNCTIONS: Final = (
    r"sleep|benchmark|pg_sleep|waitfor|concat(?:_ws)?|group_concat|char|nchar|chr|ascii|hex|unhex|ord|substr(?:ing)?|"
    r"substring_index|mid|cast|convert|coalesce|ifnull|nullif|nvl2?|iif|elt|field|find_in_set|make_set|export_set|"
    r"extractvalue|updatexml|xmltype|load_file|load_extension|randomblob|zeroblob|sqlite_\w+|sqlite_compileoption_\w+|"
    r"current_(?:user|date|time|timestamp|database|setting)|session_user|system_user|user|database|schema|version|"
    r"connection_id|last_insert_(?:id|rowid)|row_count|found_rows|get_lock|is_\w+_lock|release_lock|name_const|"
    r"json_\w+|jsonb?_\w+|xp_\w+|sp_\w+|fn_\w+|utl_\w+|dbms_\w+|sysdate|now|utc_\w+|unix_timestamp|from_\w+|to_\w+|"
    r"date_\w+|time_\w+|str_to_date|dayof\w+|week\w*|year\w*|quarter|makedate|maketime|period_\w+|sec_to_time|"
    r"md5|sha[12]?|crc32|aes_\w+|des_\w+|encode|decode|encrypt|compress|uncompress\w*|password|old_password|"
    r"lower|upper|lcase|ucase|trim|ltrim|rtrim|lpad|rpad|reverse|repeat|replace|space|soundex|quote|insert|instr|"
    r"position|locate|regexp_\w+|like|unistr|translate|initcap|length|char_length|character_length|octet_length|"
    r"bit_\w+|bin|oct|conv|inet6?_\w+|uuid\w*|abs|ceil|ceiling|floor|round|truncate|rand|sign|sqrt|pow|power|mod|"
    r"log(?:2|10)?|ln|exp|pi|sin|cos|tan|cot|asin|acos|atan2?|degrees|radians|greatest|least|avg|sum|count|"
    r"max|min|std\w*|var_?\w*|total|total_changes|typeof|unicode|unlikely|likely|likelihood|printf|glob|hex|changes|"
    r"generate_series|lo_\w+|pg_\w+|array_\w+|string_agg|query_to_xml|database_to_xml|xmlagg|xmlelement|"
    r"regexp_substring|crypt_key|rawtohex|dcount|current_\w+|openrowset|openquery|opendatasource"
)
"""Functions of the usual databases."""

_NUMBER_FUNCTIONS: Final = "max|min|sum|count|position|log|user|like|total|password|exp|left|right|convert|version|sign"

ROWS: Final = (
    (
        4.0,
        r"\bcase\s+when\b.{1,200}\bthen\b.{1,100}\bend\b|\(\s*(\d{1,9})\s*=\s*\d{1,9}\s*\)|\b(?:iif|elt|crypt_key)\s*\(\s*\d",
    ),
    (4.0, r"\w\s*;\s*--|['\"]\s*(?:select|union)\b|\bexcept\s+(?:select\b|values\s*\()|(?:^|;)\s*drop\s+\w+\W*$"),
    # whole statements
    (5.0, r"\bunion\b.{0,20}\bselect\b|\bunion\s+all\b|\bunion\s*\("),
    (
        5.0,
        r"\bselect\b[\s+]*(?:distinct\s+|all\s+)?[^\s,;]{1,80}(?:\s*,\s*[^,;]{1,60}){0,20}[\s)+]+from\b\s*[\w(`\[\".+]",
    ),
    (
        4.0,
        r"\bselect\b\s*(?:\(|@@|\*|['\"]|-?\d|0x|case\b|null\b|distinct\b|top\b|char\b|chr\b|\w+\s*\(|\w+\s*(?:,|--))",
    ),
    (
        4.5,
        r"(?:^|[;'\")(\s])(?:insert\s+into|delete\s+from|drop\s+(?:table|database|user|view|schema|procedure|column)|"
        r"alter\s+(?:table|user|database)|truncate\s+table|create\s+(?:table|user|database|or\s+replace|function|view|"
        r"procedure|trigger)|update\s+\w+\s+set\b|merge\s+into|replace\s+into|load\s+data|into\s+(?:out|dump)file|"
        r"exec(?:ute)?\s+(?:immediate|master|xp_|sp_|\(|@)|declare\s+@|set\s+@|grant\s+\w+\s+on|shutdown\s+with|"
        r"handler\s+\w+\s+(?:open|read)|do\s+sleep|call\s+\w+\(|rename\s+table|backup\s+database|"
        r"bulk\s+insert|reconfigure\b|waitfor\s+(?:delay|time))",
    ),
    (
        3.0,
        r";\s*(?:select|insert|update|delete|drop|create|alter|exec|declare|call|begin|shutdown|waitfor|truncate|if)\b",
    ),
    (
        4.0,
        r"\b(?:information_schema|pg_catalog|pg_shadow|pg_user|sysobjects|syscolumns|sysusers|sysdatabases|"
        r"sqlite_master|sqlite_temp_master|all_tables|all_users|user_tables|user_tab_columns|msysobjects|msysaccounts|"
        r"mysql\.(?:db|user|host)|sys\.\w+|sysibm\.\w+|master\.\.|rdb\$\w+|syscat\.\w+|domain\.domains|"
        r"tempdb|v\$version|performance_schema|sys\.schemata|northwind|schema_name\s*\()\b",
    ),
    (2.5, r"\b(?:from|join|where)\s+(?:dual|users?|accounts?|admin|tables?|all_\w+|sys\w+)\b"),
    # a value closed and an operator after it
    (
        4.5,
        r"(?:['\"`\u00b4]|^[^(]{0,30}\))\s*\)*\s*(?:\band\b|\bor\b|\bxor\b|\bnot\b|&&|\|\||\brlike\b|\blike\b|\bregexp\b|\bdiv\b|\bmod\b|"
        r"\bin\b|\bis\b|\bbetween\b|\bhaving\b|\bwhere\b|\border\s+by\b|\bgroup\s+by\b|\blimit\b|\bsounds\b|\bcollate\b|"
        r"\bprocedure\b|\bas\b|\bglob\b|\bnotnull\b|\bisnull\b|\bescape\b)[\s('\"`\d@!~+-]{1,20}"
        r"(?:['\"`(@!~][^'\"`]{0,60}(?:['\"`]\s*)?(?:=|<|>|\(|\)|\blike\b|\bin\b|\bis\b|\bselect\b|--|#|;|$)(?<!\w['\"])|\d|\w+\s*(?:=|<|>|\(|like|in\b|is\b|--|$)|true|false|null|--|#)",
    ),
    (
        4.0,
        r"\b(?:and|or|xor|having|where|&&|\|\|)\b[\s(!~+'\"`-]*\(*['\"`]?[\w.@]{1,40}['\"`]?\s*\)*\s*"
        r"(?:=|<=>|<>|!=|<|>|\blike\b|\brlike\b|\bregexp\b|\bsounds\s+like\b|\bis\s+(?:not\s+)?null\b)\s*"
        r"['\"`(]*[\w%'\"(-]",
    ),
    (4.0, r"(?:&&|\|\|)\s*['\"(]?\w+['\"]?\s*(?:=|<|>|like)\s*['\"(]?\w"),
    (
        4.0,
        r"^\W*['\"]?(\d{1,9})['\"]?\s*(?:=|<=>|<=|>=|like|rlike|sounds\s+like|is|regexp|glob)\s*['\"]?"
        r"\1(?!\d)['\"]?\W*$|^(\d{1,9})\s*(?:!=|<>|is\s+not)\s*(?!\2\b)\d+$",
    ),
    (3.5, r"['\"`]\s*(?:=|<>|!=|<=>|\|\||&&|\+|\*|/|<|>|\^|~|!|-)+\s*['\"`(]"),
    (4.0, r"^[^'\"`]{0,40}['\"`]\s*\)*\s*(?:--|#|/\*|;\s*(?:--|#|$)|;%00)"),
    (4.0, r"(?:^|[\s\w)'\"])--(?:\s|$|\+)(?!.*\w{4,}\s\w{3,})|['\")]\s*(?:--|#)\s*$|\d\s*(?:--|#)\s*$|\)\s*--"),
    (3.0, r"['\"]\s*\)*\s*;\s*\w"),
    (
        4.0,
        r"^\W{0,6}\d*['\"]?\s*\)*\s*\border\s+by\s+(?:\d|\(|if|case|rand)|\bgroup\s+by\s+[\w(.,\s]{1,40}(?:having|--|#|$)|"
        r"\bhaving\s+\d",
    ),
    (2.5, r"\bcase\s+when\b|\bwhen\b.{1,60}\bthen\b|\belse\b.{1,40}\bend\b"),
    (
        4.0,
        r"\bis\s+(?:not\s+)?null\b\W*$|\blike\s+null\b|\bnot\s+(?:in|like|between|regexp)\b\s*[('\"]|\bin\s*\(\s*[\d'\"]|"
        r"\bbetween\s+['\"]?\d+['\"]?\s+and\s+['\"]?\d|\bin\s+boolean\s+mode\b|\bprocedure\s+analyse\b|"
        r"\bsounds\s+like\b|\bregexp\s+['\"(]|\brlike\s*['\"(\d]|\bcollate\s+\w+\b\W*$",
    ),
    (
        3.8,
        r"^\s*(?:rlike|xor|regexp|is\s+null|not\s+in|binary|notnull|isnull|rlike|div|<=|>=|->|==|!=|<>|<=>|&&|\|\||>>|<<|:=)\s*$",
    ),
    (
        4.5,
        r"\b(?:sleep|benchmark|pg_sleep|randomblob|load_file|extractvalue|updatexml|group_concat|xp_\w+|sp_\w+|utl_\w+|"
        r"dbms_\w+(?:\.\w+)?|sqlite_\w+|sysdate|unhex|name_const|export_set|make_set|xmltype|char|chr|nchar|concat|"
        r"substring|rlike|aes_\w+|lo_import|lo_export|pg_\w+|get_lock|compress|uncompress)\s*\(",
    ),
    (3.5, rf"(?:^|[\s=,(|'\"+*/;])(?!(?:{_NUMBER_FUNCTIONS})\s+\()(?:{FUNCTIONS})\(\s*(?:\)|['\"\w*@$-]|$)"),
    (4.0, rf"^\s*(?:{FUNCTIONS})\s*\(\s*$"),
    (3.0, r"@@\w+|\b(?:0x[0-9a-f]{6,}|x'[0-9a-f]{4,}'|b'[01]+')|::(?:int|text|varchar|numeric|json|regclass)\b"),
    (2.5, r"/\*!?\d*|\*/|\bnull\s*(?:,\s*null)+|(?<!\d)\d{1,9}\s*,\s*\d{1,9}\s*,\s*\d{1,9}\s*(?:--|#)"),
    (4.0, r"^[^'\"]{0,60}(['\"])\s*\|\|\s*|\|\|\s*\(|['\"]\s*\+\s*\(|['\"]\s*\+\s*\w+\s*\("),
    (3.0, r"^-?\d+['\"]?\s*\)+|^-?\d+%?['\"]+|^-?\d+\s*(?:and|or|where|union|having|order|in|as)\b"),
    (
        3.0,
        r"\b(?:current_user|session_user|system_user|waitfor\s+delay|or\s+true|and\s+true|or\s+false|or\s+not\b|or\s+\d|"
        r"and\s+\d)\b(?=\W|$)",
    ),
    (2.5, r"\b(?:end|begin|if|exec|execute|goto)\s*[;(@]|\bex(?:ec|ecute)\s*\(|\bprint\s+@@"),
    (
        4.5,
        r"\bif\s*\(\s*(?:\d+|\w+\(\))\s*(?:=|<|>|like)|\bif\s*\(\s*\w+\s*,\s*\w+\s*,|\bif\s*\(\s*select|"
        r"\)\s*(?:like|and|or|rlike|regexp|xor)\s*\(",
    ),
)
"""Weight in decades, and a pattern of lower-case text."""

DIRECTORY: Final = (
    (4.5, r"\)\s*\(\s*[|&!]|\(\s*[|&]\s*\(|\*\s*\)\s*\(|[(|&]\w+[~<>]?=\*\)|\)\(\w+=\*"),
    (
        4.5,
        r"[\[{'\"]\s*\$(?:gt|lt|ne|eq|gte|lte|in|nin|or|and|not|regex|where|exists|type|mod|all|size|elemmatch|slice|jsonschema|"
        r"expr|comment|func|nor|text)\b|\$where\b|\[\$\w+\]|\breturn\s+true\b|\bthis\.\w+\s*(?:==|\.match)|db\.\w+\.(?:find|insert|drop)",
    ),
    (3.5, r"\bor\b\s+['\"]?\w*['\"]?\s*=\s*['\"]?\w*\s*\]|/\*\[|//\w+\[|::node\(\)|\bcount\(/|string-length\("),
)
"""LDAP, XPath and document databases."""
