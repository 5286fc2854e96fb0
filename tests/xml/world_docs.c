/* Written out byte for byte: encodings and line ends are what is tested. */
#include "world.h"

#include <base/cleanup.h>

const struct world_doc world_docs[] = {
    { "UTF-8", 161,
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<HDon><DLHDon Id=\"data\"><Ten>H\303\263a \304"
      "\221\306\241n gi\303\241 tr\341\273\213 gia t\304\203ng &amp; ph\303\255</Ten></DLHDon><DS"
      "CKS><NBan></NBan></DSCKS></HDon>\n" },
    { "no declaration", 121,
      "<HDon><DLHDon Id=\"data\"><Ten>H\303\263a \304\221\306\241n gi\303\241 tr\341\273\213 gia "
      "t\304\203ng &amp; ph\303\255</Ten></DLHDon><DSCKS><NBan></NBan></DSCKS></HDon>" },
    { "byte order mark", 145,
      "\357\273\277<?xml version=\"1.0\"?><HDon><DLHDon Id=\"data\"><Ten>H\303\263a \304\221\306"
      "\241n gi\303\241 tr\341\273\213 gia t\304\203ng &amp; ph\303\255</Ten></DLHDon><DSCKS><NBa"
      "n></NBan></DSCKS></HDon>" },
    { "CRLF", 187,
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<HDon>\r\n <DLHDon Id=\"data\">\r\n <Ten>H"
      "\303\263a \304\221\306\241n gi\303\241 tr\341\273\213 gia t\304\203ng &amp; ph\303\255</Te"
      "n>\r\n </DLHDon>\r\n <DSCKS>\r\n <NBan>\r\n </NBan>\r\n </DSCKS>\r\n </HDon>\r\n" },
    { "lone CR", 129,
      "<HDon>\r<DLHDon Id=\"data\">\r<Ten>H\303\263a \304\221\306\241n gi\303\241 tr\341\273\213 "
      "gia t\304\203ng &amp; ph\303\255</Ten>\r</DLHDon>\r<DSCKS>\r<NBan>\r</NBan>\r</DSCKS>\r</H"
      "Don>" },
    { "standalone", 176,
      "<?xml version='1.0' encoding='utf-8' standalone='yes'?><HDon><DLHDon Id=\"data\"><Ten>H"
      "\303\263a \304\221\306\241n gi\303\241 tr\341\273\213 gia t\304\203ng &amp; ph\303\255</Te"
      "n></DLHDon><DSCKS><NBan></NBan></DSCKS></HDon>" },
    { "UTF-16 little-endian", 310,
      "\377\376<\000?\000x\000m\000l\000 \000v\000e\000r\000s\000i\000o\000n\000=\000\"\0001\000."
      "\0000\000\"\000 \000e\000n\000c\000o\000d\000i\000n\000g\000=\000\"\000U\000T\000F\000-"
      "\0001\0006\000\"\000?\000>\000\r\000\n\000<\000H\000D\000o\000n\000>\000<\000D\000L\000H"
      "\000D\000o\000n\000 \000I\000d\000=\000\"\000d\000a\000t\000a\000\"\000>\000<\000T\000e"
      "\000n\000>\000H\000\363\000a\000 \000\021\001\241\001n\000 \000g\000i\000\341\000 \000t"
      "\000r\000\313\036 \000g\000i\000a\000 \000t\000\003\001n\000g\000 \000&\000a\000m\000p\000"
      ";\000 \000p\000h\000\355\000<\000/\000T\000e\000n\000>\000<\000/\000D\000L\000H\000D\000o"
      "\000n\000>\000<\000D\000S\000C\000K\000S\000>\000<\000N\000B\000a\000n\000>\000<\000/\000N"
      "\000B\000a\000n\000>\000<\000/\000D\000S\000C\000K\000S\000>\000<\000/\000H\000D\000o\000n"
      "\000>\000" },
    { "UTF-16 big-endian", 306,
      "\376\377\000<\000?\000x\000m\000l\000 \000v\000e\000r\000s\000i\000o\000n\000=\000\"\0001"
      "\000.\0000\000\"\000 \000e\000n\000c\000o\000d\000i\000n\000g\000=\000\"\000u\000t\000f"
      "\000-\0001\0006\000\"\000?\000>\000<\000H\000D\000o\000n\000>\000<\000D\000L\000H\000D\000"
      "o\000n\000 \000I\000d\000=\000\"\000d\000a\000t\000a\000\"\000>\000<\000T\000e\000n\000>"
      "\000H\000\363\000a\000 \001\021\001\241\000n\000 \000g\000i\000\341\000 \000t\000r\036\313"
      "\000 \000g\000i\000a\000 \000t\001\003\000n\000g\000 \000&\000a\000m\000p\000;\000 \000p"
      "\000h\000\355\000<\000/\000T\000e\000n\000>\000<\000/\000D\000L\000H\000D\000o\000n\000>"
      "\000<\000D\000S\000C\000K\000S\000>\000<\000N\000B\000a\000n\000>\000<\000/\000N\000B\000a"
      "\000n\000>\000<\000/\000D\000S\000C\000K\000S\000>\000<\000/\000H\000D\000o\000n\000>" },
    { "ISO-8859-1", 99,
      "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<HDon><DLHDon Id=\"data\">d\351j\340 vu &"
      "#7879;</DLHDon></HDon>" },
    { "US-ASCII", 89,
      "<?xml version=\"1.0\" encoding=\"us-ascii\" ?><HDon><DLHDon Id=\"data\">&#7879;</DLHDon></"
      "HDon>" },
    { "comments and instructions around", 202,
      "<?xml version=\"1.0\"?>\n<!-- tr\306\260\341\273\233c --><?pi tr\306\260\341\273\233c?>\n<"
      "HDon><DLHDon Id=\"data\"><Ten>H\303\263a \304\221\306\241n gi\303\241 tr\341\273\213 gia t"
      "\304\203ng &amp; ph\303\255</Ten></DLHDon><DSCKS><NBan></NBan></DSCKS></HDon>\n<!-- sau --"
      ">\n<?pi sau ?>\n" },
    { "comments within", 146,
      "<HDon><DLHDon Id=\"data\"><Ten>H\303\263a \304\221\306\241n gi\303\241 tr\341\273\213 gia "
      "t\304\203ng &amp; ph\303\255</Ten></DLHDon><!-- \304\221\303\242y --><?in here?><DSCKS><NB"
      "an></NBan></DSCKS></HDon>" },
    { "default namespace", 161,
      "<HDon xmlns=\"urn:x:default\" xmlns:b=\"urn:x:b\"><DLHDon Id=\"data\"><Ten>H\303\263a \304"
      "\221\306\241n gi\303\241 tr\341\273\213 gia t\304\203ng &amp; ph\303\255</Ten></DLHDon><DS"
      "CKS><NBan></NBan></DSCKS></HDon>" },
    { "prefixed, xml:lang, unused namespaces", 125,
      "<h:HDon xmlns:h=\"urn:h\" xmlns:u=\"urn:u\" xml:lang=\"vi\" xml:space=\"preserve\"><h:DLHD"
      "on Id=\"data\" u:a=\"1\">x</h:DLHDon>\n</h:HDon>" },
    { "ds prefix taken", 101,
      "<ds:HDon xmlns:ds=\"urn:other\"><ds:DLHDon Id=\"data\" ds:a=\"1\"/><xades:x xmlns:xades=\""
      "urn:y\"/></ds:HDon>" },
    { "empty root", 17,
      "<HDon Id=\"data\"/>" },
    { "empty root with a space", 20,
      "<HDon Id=\"data\" \n/>\n" },
    { "empty root, UTF-16", 36,
      "\377\376<\000H\000D\000o\000n\000 \000I\000d\000=\000\"\000d\000a\000t\000a\000\"\000/\000"
      ">\000" },
    { "CDATA and references", 76,
      "<HDon><DLHDon Id=\"data\"><![CDATA[<a>&]]>&#13;&lt;&gt;&quot;\t</DLHDon></HDon>" },
    { "white space in the end tag", 43,
      "<HDon><DLHDon Id=\"data\">x</DLHDon></HDon\n >" },
};
const size_t world_n_docs = COUNT(world_docs);
