"""What commands, PHP code and reads of files look like inside a value: what a server would run or open."""

from __future__ import annotations

from typing import Final

SURE: Final = (
    r"ifconfig|whoami|wget|nslookup|netstat|nohup|visudo|sudo|chmod|chown|chgrp|chroot|mkfifo|mknod|crontab|busybox|"
    r"useradd|usermod|userdel|adduser|groupadd|passwd|lsof|dmesg|uname|ipconfig|systeminfo|tasklist|taskkill|"
    r"powershell(?:\.exe)?|pwsh|cmd\.exe|certutil|bitsadmin|wmic|regsvr32|rundll32|mshta|cscript|wscript|schtasks|"
    r"bcdboot|bcdedit|diskpart|netsh|icacls|cacls|takeown|reg\s+(?:add|query|delete)|net\s+(?:user|localgroup|view|use)|"
    r"ansible(?:-\w+)?|chef-\w+|kubectl|docker|podman|systemctl|journalctl|iptables|tcpdump|nmap|ncat|netcat|socat|telnet|"
    r"ssh-\w+|sshpass|scp|rsync|xargs|gawk|mawk|nawk|awk|sed|egrep|fgrep|grep|zgrep|curl|lwp-request|lwp-download|"
    r"python\d?(?:\.\d+)?|perl\d?|ruby|php\d?|node(?:js)?|lua|gcc|g\+\+|mysqldump|mysql|psql|sqlite3|mongo|redis-cli|"
    r"apt-get|aptitude|dpkg|rpm|yum|dnf|pacman|pip3?|npm|gem|gunzip|gzip|bzip2|bzcat|xz|xzcat|zcat|7z[ar]?|unzip|"
    r"bash|zsh|ksh|csh|tcsh|ash|dash|rbash|fish|strace|ltrace|gdb|ldd|nice|setsid|stdbuf|timeout|watch|script|printenv|"
    r"lastlog|hostname|hexdump|xxd|base64|md5sum|sha\d+sum|killall|pkill|pgrep|mountpoint|umount|losetup|insmod|modprobe|"
    r"openssl|gpg|getent|hostid|ifup|ifdown|traceroute6?|tracert|ping6?|mtr|dig|getcap|setcap|pwd|printf|realpath|"
    r"readlink|readelf|strings|truncate|tee|nl|tac|unalias|unset|setenv|export|ulimit|umask|eval|exec|ed|vi|vim|vimdiff|"
    r"emacs|nano|pico|tmux|gtester|aria2c|axel|ftp|tftp|sftp|git|svn|cvs|cpan|composer|easy_install|ionice|taskset|"
    r"rlogin|rsh|rcp|run-parts|run-mailcap|logname|groups|env|printenv|unshare|nsenter|capsh|sysctl|"
    r"busctl|hping3?|nping|masscan|ncdu|tshark|tcping|uudecode|uuencode|openvpn|fping|arp|lsb_release|lscpu|lspci|"
    r"ls|id|ps|cp|mv|rm|dd|du|df|od|cat|nc|sh|ln|su|cd|wc|ip|bc|dc|at|ar|as|ld|cc|who|man|cut|tr|tar|top|set|"
    r"find|head|tail|more|less|sort|uniq|diff|echo|time|type|host|file|mail|kill|date|test|sleep|mount|history|touch|"
    r"alias|which|whereis|locate|last|split|join|paste|fold|look|comm|expand|finger|screen|zip|ping|dir|copy|move|del|"
    r"erase|ren|md|rd|mkdir|rmdir|start|call|for|goto|w|users|jobs|command|source|trap|true|mtr|make|patch|column|view|sum"
)
"""Command names, the ambiguous ones last."""

PLAIN: Final = (
    r"ifconfig|whoami|wget|nslookup|netstat|nohup|visudo|sudo|chmod|chown|chroot|mkfifo|crontab|busybox|useradd|lsof|dmesg|"
    r"uname|ipconfig|systeminfo|tasklist|powershell(?:\.exe)?|cmd(?:\.exe)?\s*/\w|certutil|bitsadmin|wmic|regsvr32|rundll32|"
    r"bcdboot|bcdedit|netsh|ansible(?:-\w+)?|chef-\w+|kubectl|systemctl|iptables|tcpdump|nmap|ncat|socat|xargs|gawk|mawk|"
    r"python[\d.]*|perl\s+-|curl\s+(?:-|\S+[./])|ping6?\s+(?:-|\S*\d\.)|(?:ba|z|k|c|tc)sh(?:\s+[-/]|\s*$)|apt-get|aptitude|dpkg|mysqldump|"
    r"printenv|xxd|killall|pkill|pgrep|modprobe|traceroute6?|tracert|ssh-\w+|sshpass|sh\s+-|php\s+-|ruby\s+-|"
    r"ls\s+[-/]|ls\s+\w+\s|cat\s+[/~.<>-]|rm\s+-|nc\s+-|tar\s+-|ps\s+-?[aefux]+|uname\s+-|dir\s+[a-z]:|"
    r"echo\s+[$\"'`]|grep\s|sed\s+-|awk\s|find\s+[/.~]|unset\s|export\s+\w+=|alias\s+[^\s=]+=|set\s+/|ed\s+\S+\.|vi\s+\S|"
    r"mount\s+-|cp\s+/|mv\s+/|dd\s+if|su\s+-|bcdboot|invoke-\w+|get-\w+\s|set-\w+\s|new-object|"
    r"start-process|import-module|add-type|out-file|write-host|iex\b"
)
"""Commands that hardly begin a sentence, with what must follow the others to tell them from words."""

STOP: Final = r"(?:(?=[\s;|&'\"<>`)/$=+,]|$)|(?<=[-/.~$=\\\"'`<>:|])|(?<=\s))"
"""The end of a command's name, or already its first argument."""

EDGE: Final = r"(?:[;|&`\n\r]|\$\(|\|\||&&|<\(|>\(|\$\{)[\s('\"{@!]{0,6}"

ROWS: Final = (
    (
        4.0,
        r"(?:[;|`]|\$\(|&&)\s*(?:cd|vim?|ls|rm|cp|mv|wget|curl|e?grep|sed|awk|chmod|chown|bash|[kz]sh|perl|php|ncat|netcat|ssh|scp|"
        r"tar|nslookup|whoami|uname|ifconfig|sudo|psql|printf|unset)\s+\w",
    ),
    (3.6, r"^[a-z][\w-]{1,15}\s+--[a-z]+\b"),
    (4.5, rf"^\s*[\"']{{0,3}}(?:{PLAIN}){STOP}"),
    (
        4.5,
        rf"{EDGE}(?:/?(?:usr/|local/)?s?bin/)?(?:{SURE})(?:\.exe)?(?=\s+[-/~.$'\"|<>&;`*+@!(%\[]|\s*[;|&`<>)}}\"']|\+|\s*$|,|\$)",
    ),
    (4.5, rf"{EDGE}(?:{PLAIN}){STOP}"),
    (
        4.5,
        rf"`\s*(?:{SURE})\b[^`]*`|\$\(\s*(?:{SURE})\b|\$\(\(\s*\d|\$\(\s*<|<\(\s*\w|<<<\s*\S|\{{\s*,?\s*(?:{SURE})\s*,|\{{,[\w/?]",
    ),
    (
        4.5,
        r"(?:/|\b)(?:usr/(?:local/)?)?s?bin/[\w?*$.{\[\\-]{1,30}|/(?:bash|dash|zsh)(?![-\w.])|\bdev/(?:tcp|udp|fd|shm|null|zero|random)\b|%comspec%|"
        r"%systemroot%|%windir%|\$shell\b|\bsystem32[\\/]\w|c:[\\/](?:windows|winnt|boot|inetpub|users)[\\/]|"
        r"c:(?:windows|winnt|boot|\\?oot)\w*\.ini",
    ),
    (4.5, r"\(\s*\)\s*\{|\w\s*\(\s*\)\s*\{[^}]*[|;&]|\(\)\.?\{"),
    (
        4.0,
        r"[12&]?>\s*(?:&\s*\d|/\S|\S+\.(?:php|txt|jsp|asp|sh|log))|\|\s*(?:sh|bash|tee|xargs|nc|cat|more)\b|&\s*ping\s+-|"
        r"\b(?:ping|nslookup|curl|wget|telnet|nc)\s+(?:-\w+\s+)*[\w.]*\d+\.\d+\.\d+|\brm\s+-r?f|\becho\s+\S{1,20}\$\(|"
        r"[;|&]\s*[\w-]+\s+--?\w+|\b-exec\b|\bsleep\s+\d+\s*[;|&]?\s*$",
    ),
    (
        4.0,
        r"(?:^|[/\s=])(?:/[?*\[\]\w]*[?*\[][?*\[\]\w/]*){2,}|/\w*[?*]\w*/\w*[?*]?|\betc/[\w$*?]+\b.{0,4}\$|\b\w+\+/et[^\w]*[*?$]",
    ),
    (
        4.5,
        r"(?:^|[&|;(\n]\s*)(?:for\s*/[dflr]?\s*.{0,60}%|for\s+(?:/\w\s+)?%+\w+\s+in|for\s+.{0,100}%%?[\w_]+.{0,40}\b(?:in|do)\b|"
        r"if\s*(?:/i\s*)?(?:not\s+)?(?:exist|defined|errorlevel|cmdextversion)\s|if\s*(?:/i)?\s+(?:not\s+)?\S+\s*(?:==|equ|neq|lss|leq|gtr|geq)\s*\S)|"
        r"\bif\s*/i\b|%\w+:~|\bif\s+[\"']?%",
    ),
    (
        3.5,
        r"(?:^|[\s;|&])!(?:-?\d+|!)$|^~[+-]\d?$|^~\d$|\bforeach\b.{1,60}\{|\$\{?(?:path|home|user|ifs|ld_preload|0|@)\}?(?:\W|$)|"
        r"\bpath=|ld_preload\s*=",
    ),
    (
        4.5,
        rf"(?:^|[;|&]\s*)(?:time|strace|ltrace|nohup|sudo|command|nice|exec|env)\s+(?:{PLAIN}|(?:who|id|ls|ps|w)\s*$)",
    ),
    (4.0, r"(?:^|[;|&]\s*)(?:un)?alias\s+(?:[-+]\w*\+?\s+)*['\"]?\w+['\"]?\s*=\s*\S"),
    (2.5, r"^(?:id|ls|pwd|who|w|ps|env|dir)$"),
    (4.5, r"\+\s*\|?\s*\+?dir\s*\+|[+\s]dir\s*\+?c:|\{[\w,]{1,8},[\w,-]{1,12}\}\w"),
    (4.5, r"^\s*\\?(?:\W*)(?:n['\"\\]+|w['\"]+h|l['\"\\]+s\b|c['\"\\]+a)"),
)
"""Weight in decades, and a pattern of lower-case text."""

PHP: Final = (
    (
        4.0,
        r"\b(?:ldap|odbc|pg|mysqli?|oci|sqlite|imap|ftp|ssh2|dba|cubrid|ibase|mssql|sybase|snmp\d?|socket|xml|zip|yaml|apcu?|gmp|iconv|"
        r"ctype|date|exif|filter|finfo|intl\w*|msg|sem|shm|simplexml|token|wddx)_\w+\s*\(",
    ),
    (4.0, r"['\"\])}]\s*(?:/\*.{0,60}?\*/\s*)?\(\s*['\"@$\w][^)]{0,60}\)\s*;|\)\s*\(\s*@"),
    (
        4.5,
        r"<\?(?:php|=|\s|$)|<\?(?!xml[\s-]|xpacket|xsl|xml$)[a-z]*[\s(;:]*(?:echo|system|exec|eval|print)|\[/?php\]|<\?$|"
        r"<\?xml\s*[:;()]",
    ),
    (
        5.0,
        r"\$_(?:get|post|request|server|cookie|files|env|session)\b|\$(?:globals|http_\w+_vars|argv|php_self)\b|"
        r"(?:php|phar|expect|zip|zlib|glob|compress\.\w+|ogg|ssh2\.\w+|rar|bzip2)://|\bphp:(?:filter|input)|data:text/plain;base64",
    ),
    (
        4.5,
        r"\b(?:system|passthru|shell_exec|proc_open|popen|exec|eval|assert|preg_replace|create_function|include(?:_once)?|"
        r"require(?:_once)?|phpinfo|file_get_contents|file_put_contents|fopen|fwrite|fputs|readfile|base64_decode|gzinflate|"
        r"gzuncompress|str_rot13|call_user_func(?:_array)?|array_(?:map|filter|walk|diff\w*|u\w+)|usort|uasort|pcntl_\w+|posix_\w+|"
        r"parse_str|extract|unserialize|serialize|highlight_file|show_source|scandir|opendir|glob|chmod|unlink|"
        r"move_uploaded_file|curl_\w+|fsockopen|mail|putenv|ini_set|ini_get|dl|apache_\w+|mb_\w+|register_\w+|"
        r"spl_\w+|stream_\w+|symlink|tempnam|tmpfile|var_dump|print_r|die|print|printf|vprintf|define|constant|"
        r"get_\w+|session_\w+|iterator_\w+|bzopen|gzopen|checkdate|crypt|dechex|ucfirst|gethostbyname\w*|gethost\w*|"
        r"is_\w+|in_array|array|chr|ord|implode|explode|join|strrev|substr\w*|str_\w+|strtr|rand|mt_rand|"
        r"lcfirst|levenshtein|metaphone|nl2br|ob_\w+|openssl_\w+|pack|parse_\w+|sleep|time|touch|trigger_error|"
        r"error_\w+|error_log|escapeshell\w+|fputcsv|ftok|func_get_args|getenv|getcwd|hebrev|hex2bin|http_\w+|"
        r"image\w{2,}|inet_\w+|ip2long|json_\w+|key_exists|lchgrp|link|filemtime\w?|filesize|file|flock|fgets|fread)"
        r"(?://\S*|\s|/\*.*?\*/|#.*?\n)*\((?=\s*(?:$|[\"'$)\\`<]|\w+\s*[,(.)$\[]|\(|-?\d|\.|/))",
    ),
    (
        4.5,
        r"\(\s*['\"]?[\w\\.'\"()/*\s]{1,60}['\"]?\s*\)\s*(?:/\*.*?\*/\s*)?\(\s*[^)]{0,60}\)\s*;|['\"]\s*\(\s*\w*\s*\)\s*;|\]\s*\(\s*\w+[^)]*\)\s*;|"
        r"\$\w+\s*=\s*['\"]|\$\w+\s*\(|\$\{?\$\w*|\(\$\w+\)\s*\(|\$\w+\[['\"]",
    ),
    (
        4.0,
        r"\b(?:allow_url_(?:fopen|include)|safe_mode|disable_functions|open_basedir|auto_(?:append|prepend)_file|extension_dir|"
        r"display_errors|error_reporting|(?:opcache|session|mbstring|zend|date|assert|mysqli?|pdo\w*|soap|ffi|com|cgi|"
        r"xdebug|browscap|mail|odbc|pcre|user_agent|url_rewriter|zlib|hard|sys_temp|max_\w+|memory|upload|file|"
        r"precision|serialize_precision|engine|short_open_tag|variables_order|sendmail_\w+)(?:[._]\w+)?)\s*=\s*\S",
    ),
)
"""Code and settings of PHP."""

FILES: Final = (
    (
        5.0,
        r"(?:^|[^.\w])\.\.+[\\/]+\.?\.?|[\\/]\.\.(?:[\\/;]|$)|\.\.[\\/%;]|\.{2,}/{2,}|/\.\.\.+|(?:/\./){2,}|\.\.+\\|/\.+\{|\.\.\x01|"
        r"\.\.[\x00-\x1f\u2215\u2216]|(?:\.\.?[^\w\s.]{1,6}){3,}|%(?:c[01]|bg|qf|u(?:ef|f0)\w\w)(?:\W|[a-z])|\?\?[\\/\x80-\xff]",
    ),
    (
        4.5,
        r"(?:^|[\\/\s=:'\"(`<])etc[\\/]+(?:passwd|shadow|hosts|group|issue|motd|fstab|crontab|sudoers|ssh|apache\d?|httpd|nginx|mysql|my\.cnf|"
        r"php|resolv|hostname|network|os-release|ssl|security|init|profile|\w+\.(?:conf|cfg|ini))|(?:/|\b)proc[\\/]+(?:self|version|"
        r"\d+|cpuinfo|net|cmdline|environ|mounts)|\bboot\.ini|\bwin\.ini|\bsystem\.ini|web-inf|meta-inf|\bweb\.xml\b|global\.asa\b|"
        r"\bweb\.config\b|\bphp\.ini\b|\bhttpd\.conf|\baccess[_.]log\b|\berror[_.]log\b|\bauthorized_keys|\bid_[rd]sa\b|"
        r"\bknown_hosts|\bbash_history|\bsysprep[\\/.](?!html)|\bautoexec\.bat|\bwinnt[\\/]|\bunattend\.xml|\bntuser\.|\bsam\._?|"
        r"\bvar/(?:log|www|lib|run|spool|mail)/\S|/(?:root|tmp)/\S|\busr/(?:local|share|lib)/\S|/etc/\S|/sys/kernel|"
        r"[a-z]:\\\\?\w+\\\w|\$mft\b|/etc\b",
    ),
    (
        4.5,
        r"/\.(?!well-known\b)[a-z_][\w-]{2,40}(?:/|\.\w|$)|/(?:debug|errors?|access|laravel|install)[\w-]*\.log$|\.(?:sql|bak|swp|old|orig|"
        r"pem|key|kdbx?|env|htpasswd|htaccess)(?:\.(?:zip|gz|bz2|tar|7z|rar))?$|/\.ht\w+|/proc/\w|/sys/class",
    ),
    (
        4.0,
        r"\x00|%00|\\0\.|\x0d\x0a?[\w-]{3,30}\s*:|\x0a\s*(?:set-cookie|location|content-\w+|host|http/\d|x-\w+)\s*:|"
        r"[\r\n]\s{0,8}<(?:html|head|title|meta)|\b(?:get|post|head|options|put|delete|trace|connect|propfind)\s+\S+\s+http/\d|"
        r"\bhttp/\d\.\d\s*$|[\r\n]\s*(?:get|post|head|put|delete)\s+/\S*\s+\w",
    ),
    (
        4.0,
        r"[\r\n]\s{0,8}(?:rcpt\s+to|mail\s+from|ehlo|helo|data|quit|rset|noop|vrfy|expn|auth\s+\w|starttls|to:|cc:|bcc:|from:|subject:|"
        r"(?:\w{1,6}\s+)?(?:login|logout|select|examine|create|delete|rename|list|lsub|status|append|check|close|expunge|search|fetch|"
        r"store|copy|uid|capability|authenticate|subscribe|namespace|idle|noop|unsubscribe|stat|retr|dele|top|uidl|user|pass|apop|capa|quit)\b)",
    ),
    (
        4.5,
        r"^(?:ftps?|gopher|dict|ldaps?|file|jar|tftp|sftp|netdoc|ssh2?|svn|telnet|rmi|smb|imaps?|pop3s?|smtps?|git|ws|view-source|ogg|"
        r"app|feed|fish|irc6?|rtmp\w*|mongodb\w*|mailto\w|rtsp|netdoc|mysql|local_file|url)s?:(?:file:)?/{1,3}\S|^(?:ftps?|file|https?)\?$",
    ),
    (
        4.5,
        r"https?://(?:0x[0-9a-f]+|\d{8,10}|0\d+\.|(?:10|127|192\.168|172\.(?:1[6-9]|2\d|3[01])|169\.254)\.[\d.]+|localhost|\[[:\w.]*\]|[\d.]+\.(?:xip|nip)\.io|"
        r"metadata\.\w+|[^/\s]*[@#][^/\s]*\.|\d+\.\d+\.\d+\.\d+|[0-9a-f]*:[0-9a-f:]+:)|169\.254\.169\.254|latest/meta-data",
    ),
    (3.0, r"^(?:https?:)?//[\w.-]+\.\w+\S*(?:\?+$|\.(?:txt|php|jpe?g|gif|dtd|sh|exe)\?*$)"),
)
"""Paths that climb, files that servers keep to themselves, lines of other protocols, addresses to fetch from."""
