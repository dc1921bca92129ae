PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE account (
  id         integer primary key,
  name       text    not null unique
             check (length(name) between 1 and 64 and name not glob '*[^A-Za-z0-9_.-]*'),
  -- Only a person can mend it: nothing is sent until `larkspur resume`, or one try at probe_ms.
  parked     text    check (parked in ('credentials', 'permission', 'address')),
  parked_why text,
  probe_ms   integer,
  -- Access tokens refused in a row: short runs have to add them up to know when to stop.
  refusals   integer not null default 0,
  check ((parked is null) = (probe_ms is null))
) strict;
INSERT INTO account VALUES(1,'default',NULL,NULL,NULL,0);
CREATE TABLE ask (
  id            integer primary key autoincrement,
  account       text    not null default 'default',
  kind          text    not null default 'preview',
  lane          text    not null,
  body          text    not null,
  after_ms      integer not null default 0,
  expires_in_ms integer,
  asked_ms      integer not null
                default (cast((julianday('now') - 2440587.5) * 86400000 as integer)),

  -- Set when the worker has folded it into its lane.
  lane_id       integer references lane,
  audience_id   integer references audience,  -- whom this ask still has to reach
  round         integer,                      -- the first call of its lane that can carry it
  -- Set when it may not go yet, or not for ever.
  due_ms        integer,
  expires_ms    integer,
  -- The people who were refused while the others were reached, as a JSON list.
  refused       text    check (refused is null or json_valid(refused)),

  outcome       text    check (outcome in ('delivered', 'dead', 'expired', 'cancelled')),
  reason        text,
  ended_ms      integer,
  call_id       integer,                      -- the call that decided it; calls are pruned
  check ((outcome is null) = (ended_ms is null)),
  check (outcome <> 'dead' or reason is not null)
) strict;
INSERT INTO ask VALUES(1,'default','preview','done-1','{"open_ids":["ou_1"]}',0,NULL,1796060964881,4,1,1,NULL,NULL,NULL,'delivered',NULL,1796060970492,11);
INSERT INTO ask VALUES(2,'default','preview','done-2','{"open_ids":["ou_2"]}',0,NULL,1796060964922,5,2,1,NULL,NULL,NULL,'delivered',NULL,1796060965470,3);
INSERT INTO ask VALUES(3,'default','preview','done-3','{"open_ids":["ou_3"]}',0,NULL,1796060964957,6,3,1,NULL,NULL,NULL,'delivered',NULL,1796060965470,4);
INSERT INTO ask VALUES(4,'default','preview','done-4','{"everyone":true}',0,NULL,1796060964999,7,4,1,NULL,NULL,NULL,'delivered',NULL,1796060965470,5);
INSERT INTO ask VALUES(5,'default','preview','bad_token_1','{"open_ids":["ou_1"]}',0,NULL,1796060965035,8,1,1,NULL,NULL,NULL,'dead','230001 param is invalid: ''bad_token_1'' is not a preview token (HTTP 400, log id xoixrj-12)',1796060970492,12);
INSERT INTO ask VALUES(6,'default','preview','partly','{"open_ids":["ou_1","ou_bad1"]}',0,NULL,1796060965073,9,NULL,1,NULL,NULL,'["ou_bad1"]','dead','refused for some of its open_ids, see the column refused: 230001 param is invalid: ''ou_bad1'' is not an open_id (HTTP 400, log id xoixrj-14)',1796060975528,14);
INSERT INTO ask VALUES(7,'default','preview','partly-2','{"open_ids":["ou_1","ou_2"]}',0,NULL,1796060965109,10,6,1,NULL,NULL,NULL,'delivered',NULL,1796060966483,10);
INSERT INTO ask VALUES(8,'default','card','card-done','{"actions":[{"action":"delete_elements","params":{"element_ids":["a"]}}]}',0,NULL,1796060965146,1,NULL,1,NULL,NULL,NULL,'delivered',NULL,1796060965470,7);
INSERT INTO ask VALUES(9,'default','card','missing-card','{"actions":[{"action":"delete_elements","params":{"element_ids":["a"]}}]}',0,NULL,1796060965186,2,NULL,1,NULL,NULL,NULL,'dead','200740 the card entity does not exist (HTTP 400, log id xoixrj-8)',1796060965470,8);
INSERT INTO ask VALUES(10,'default','session','session_1','{"metadata":"one"}',0,NULL,1796060965235,3,NULL,1,NULL,NULL,NULL,'delivered',NULL,1796060965470,9);
INSERT INTO ask VALUES(11,'default','preview','late','{"everyone":true}',3600000,NULL,1796060965275,NULL,NULL,NULL,1796064565275,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(12,'default','preview','cancelled','{"everyone":true}',3600000,NULL,1796060965316,NULL,NULL,NULL,NULL,NULL,NULL,'cancelled',NULL,1796060965349,NULL);
INSERT INTO ask VALUES(13,'default','preview','busy-1','{"open_ids":["ou_7"]}',0,NULL,1796061006495,14,8,1,NULL,NULL,NULL,'delivered',NULL,1796061008638,16);
INSERT INTO ask VALUES(14,'default','preview','busy-2','{"open_ids":["ou_7"]}',0,NULL,1796061006540,15,8,1,NULL,NULL,NULL,'delivered',NULL,1796061008638,16);
INSERT INTO ask VALUES(15,'default','preview','busy-3','{"open_ids":["ou_7"]}',0,NULL,1796061006570,16,8,1,NULL,NULL,NULL,'delivered',NULL,1796061008638,16);
INSERT INTO ask VALUES(16,'default','preview','busy-4','{"open_ids":["ou_7"]}',0,NULL,1796061006609,17,8,1,NULL,NULL,NULL,'delivered',NULL,1796061008638,16);
INSERT INTO ask VALUES(17,'default','preview','busy-5','{"open_ids":["ou_7"]}',0,NULL,1796061006651,18,8,1,NULL,NULL,NULL,'delivered',NULL,1796061008638,16);
INSERT INTO ask VALUES(18,'default','preview','busy-6','{"open_ids":["ou_7"]}',0,NULL,1796061006684,19,8,1,NULL,NULL,NULL,'delivered',NULL,1796061008638,16);
INSERT INTO ask VALUES(19,'default','preview','busy-7','{"open_ids":["ou_7"]}',0,NULL,1796061006718,20,8,1,NULL,NULL,NULL,'delivered',NULL,1796061008638,16);
INSERT INTO ask VALUES(20,'default','preview','busy-8','{"open_ids":["ou_7"]}',0,NULL,1796061006749,21,8,1,NULL,NULL,NULL,'delivered',NULL,1796061008638,16);
INSERT INTO ask VALUES(21,'default','preview','busy-9','{"open_ids":["ou_7"]}',0,NULL,1796061006782,22,8,1,NULL,NULL,NULL,'delivered',NULL,1796061008638,16);
INSERT INTO ask VALUES(22,'default','preview','busy-10','{"open_ids":["ou_7"]}',0,NULL,1796061006814,23,8,1,NULL,NULL,NULL,'delivered',NULL,1796061008638,16);
INSERT INTO ask VALUES(23,'default','preview','busy-11','{"open_ids":["ou_7"]}',0,NULL,1796061006879,24,8,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(24,'default','preview','busy-12','{"open_ids":["ou_7"]}',0,NULL,1796061006920,25,8,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(25,'default','preview','bad_token_2','{"open_ids":["ou_7"]}',0,NULL,1796061006936,26,8,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(26,'default','preview','large','{"open_ids":["ou_l1","ou_l2","ou_l3","ou_l4","ou_l5","ou_l6","ou_l7","ou_l8","ou_l9","ou_l10","ou_l11","ou_l12","ou_l13","ou_l14","ou_l15","ou_l16","ou_l17","ou_l18","ou_l19","ou_l20","ou_l21","ou_l22","ou_l23","ou_l24","ou_l25","ou_l26","ou_l27","ou_l28","ou_l29","ou_l30","ou_l31","ou_l32","ou_l33","ou_l34","ou_l35","ou_l36","ou_l37","ou_l38","ou_l39","ou_l40","ou_l41","ou_l42","ou_l43","ou_l44","ou_l45","ou_l46","ou_l47","ou_l48","ou_l49","ou_l50","ou_l51","ou_l52","ou_l53","ou_l54","ou_l55","ou_l56","ou_l57","ou_l58","ou_l59","ou_l60","ou_l61","ou_l62","ou_l63","ou_l64","ou_l65","ou_l66","ou_l67","ou_l68","ou_l69","ou_l70","ou_l71","ou_l72","ou_l73","ou_l74","ou_l75","ou_l76","ou_l77","ou_l78","ou_l79","ou_l80","ou_l81","ou_l82","ou_l83","ou_l84","ou_l85","ou_l86","ou_l87","ou_l88","ou_l89","ou_l90","ou_l91","ou_l92","ou_l93","ou_l94","ou_l95","ou_l96","ou_l97","ou_l98","ou_l99","ou_l100","ou_l101","ou_l102","ou_l103","ou_l104","ou_l105","ou_l106","ou_l107","ou_l108","ou_l109","ou_l110","ou_l111","ou_l112","ou_l113","ou_l114","ou_l115","ou_l116","ou_l117","ou_l118","ou_l119","ou_l120","ou_l121","ou_l122","ou_l123","ou_l124","ou_l125","ou_l126","ou_l127","ou_l128","ou_l129","ou_l130","ou_l131","ou_l132","ou_l133","ou_l134","ou_l135","ou_l136","ou_l137","ou_l138","ou_l139","ou_l140","ou_l141","ou_l142","ou_l143","ou_l144","ou_l145","ou_l146","ou_l147","ou_l148","ou_l149","ou_l150","ou_l151","ou_l152","ou_l153","ou_l154","ou_l155","ou_l156","ou_l157","ou_l158","ou_l159","ou_l160","ou_l161","ou_l162","ou_l163","ou_l164","ou_l165","ou_l166","ou_l167","ou_l168","ou_l169","ou_l170","ou_l171","ou_l172","ou_l173","ou_l174","ou_l175","ou_l176","ou_l177","ou_l178","ou_l179","ou_l180","ou_l181","ou_l182","ou_l183","ou_l184","ou_l185","ou_l186","ou_l187","ou_l188","ou_l189","ou_l190","ou_l191","ou_l192","ou_l193","ou_l194","ou_l195","ou_l196","ou_l197","ou_l198","ou_l199","ou_l200","ou_l201","ou_l202","ou_l203","ou_l204","ou_l205","ou_l206","ou_l207","ou_l208","ou_l209","ou_l210","ou_l211","ou_l212","ou_l213","ou_l214","ou_l215","ou_l216","ou_l217","ou_l218","ou_l219","ou_l220","ou_l221","ou_l222","ou_l223","ou_l224","ou_l225","ou_l226","ou_l227","ou_l228","ou_l229","ou_l230"]}',0,NULL,1796061006970,27,13,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(27,'default','preview','done-1','{"open_ids":["ou_9"]}',0,NULL,1796061006996,4,10,3,NULL,NULL,NULL,'delivered',NULL,1796061008644,19);
INSERT INTO ask VALUES(28,'default','card','card-flight','{"actions":[{"action":"delete_elements","params":{"element_ids":["a"]}}]}',0,NULL,1796061007025,11,NULL,1,NULL,NULL,NULL,'delivered',NULL,1796061008644,20);
INSERT INTO ask VALUES(29,'default','card','card-flight','{"uuid":"given-1","actions":[{"action":"delete_elements","params":{"element_ids":["a"]}}]}',0,NULL,1796061007047,11,NULL,1,NULL,NULL,NULL,'delivered',NULL,1796061010150,24);
INSERT INTO ask VALUES(30,'default','card','card-behind','{"actions":[{"action":"delete_elements","params":{"element_ids":["a"]}}]}',0,NULL,1796061007066,12,NULL,1,NULL,NULL,NULL,'delivered',NULL,1796061008644,21);
INSERT INTO ask VALUES(31,'default','session','session_2','{"channel_context":"x","metadata":"two"}',0,NULL,1796061007084,13,NULL,1,NULL,NULL,NULL,'delivered',NULL,1796061008644,22);
INSERT INTO ask VALUES(32,'default','preview','busy-1','{"open_ids":["ou_8"]}',0,NULL,1796061008108,14,12,2,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(33,'default','preview','busy-2','{"open_ids":["ou_8"]}',0,NULL,1796061008127,15,12,2,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(34,'default','preview','busy-3','{"open_ids":["ou_8"]}',0,NULL,1796061008144,16,12,2,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(35,'default','preview','brief','{"everyone":true}',0,3000,1796061008162,28,4,1,NULL,1796061011162,NULL,'delivered',NULL,1796061009673,23);
INSERT INTO ask VALUES(36,'default','session','session_2','{"metadata":"three"}',0,NULL,1796061008177,13,NULL,2,NULL,NULL,NULL,'delivered',NULL,1796061010154,25);
INSERT INTO ask VALUES(37,'default','card','card-behind','{"actions":[{"action":"delete_elements","params":{"element_ids":["a"]}}]}',0,NULL,1796061010404,12,NULL,2,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(38,'default','preview','again-1','{"open_ids":["ou_7"]}',0,NULL,1796061010432,30,8,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(39,'default','preview','again-2','{"open_ids":["ou_7"]}',0,NULL,1796061010455,31,8,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(40,'default','preview','again-3','{"open_ids":["ou_7"]}',0,NULL,1796061010501,32,8,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(41,'default','preview','again-4','{"open_ids":["ou_7"]}',0,NULL,1796061010539,33,8,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(42,'default','preview','again-5','{"open_ids":["ou_7"]}',0,NULL,1796061010572,34,8,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(43,'default','preview','again-6','{"open_ids":["ou_7"]}',0,NULL,1796061010612,35,8,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(44,'default','preview','again-7','{"open_ids":["ou_7"]}',0,NULL,1796061010646,36,8,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(45,'default','preview','again-8','{"open_ids":["ou_7"]}',0,NULL,1796061010682,37,8,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(46,'default','preview','again-9','{"open_ids":["ou_7"]}',0,NULL,1796061010719,38,8,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(47,'default','preview','again-10','{"open_ids":["ou_7"]}',0,NULL,1796061010753,39,8,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(48,'default','preview','again-11','{"open_ids":["ou_7"]}',0,NULL,1796061010791,40,8,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(49,'default','preview','again-12','{"open_ids":["ou_7"]}',0,NULL,1796061010826,41,8,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(50,'default','preview','large2','{"open_ids":["ou_l1","ou_l2","ou_l3","ou_l4","ou_l5","ou_l6","ou_l7","ou_l8","ou_l9","ou_l10","ou_l11","ou_l12","ou_l13","ou_l14","ou_l15","ou_l16","ou_l17","ou_l18","ou_l19","ou_l20","ou_l21","ou_l22","ou_l23","ou_l24","ou_l25","ou_l26","ou_l27","ou_l28","ou_l29","ou_l30","ou_l31","ou_l32","ou_l33","ou_l34","ou_l35","ou_l36","ou_l37","ou_l38","ou_l39","ou_l40","ou_l41","ou_l42","ou_l43","ou_l44","ou_l45","ou_l46","ou_l47","ou_l48","ou_l49","ou_l50","ou_l51","ou_l52","ou_l53","ou_l54","ou_l55","ou_l56","ou_l57","ou_l58","ou_l59","ou_l60","ou_l61","ou_l62","ou_l63","ou_l64","ou_l65","ou_l66","ou_l67","ou_l68","ou_l69","ou_l70","ou_l71","ou_l72","ou_l73","ou_l74","ou_l75","ou_l76","ou_l77","ou_l78","ou_l79","ou_l80","ou_l81","ou_l82","ou_l83","ou_l84","ou_l85","ou_l86","ou_l87","ou_l88","ou_l89","ou_l90","ou_l91","ou_l92","ou_l93","ou_l94","ou_l95","ou_l96","ou_l97","ou_l98","ou_l99","ou_l100","ou_l101","ou_l102","ou_l103","ou_l104","ou_l105","ou_l106","ou_l107","ou_l108","ou_l109","ou_l110","ou_l111","ou_l112","ou_l113","ou_l114","ou_l115","ou_l116","ou_l117","ou_l118","ou_l119","ou_l120","ou_l121","ou_l122","ou_l123","ou_l124","ou_l125","ou_l126","ou_l127","ou_l128","ou_l129","ou_l130","ou_l131","ou_l132","ou_l133","ou_l134","ou_l135","ou_l136","ou_l137","ou_l138","ou_l139","ou_l140","ou_l141","ou_l142","ou_l143","ou_l144","ou_l145","ou_l146","ou_l147","ou_l148","ou_l149","ou_l150","ou_l151","ou_l152","ou_l153","ou_l154","ou_l155","ou_l156","ou_l157","ou_l158","ou_l159","ou_l160","ou_l161","ou_l162","ou_l163","ou_l164","ou_l165","ou_l166","ou_l167","ou_l168","ou_l169","ou_l170","ou_l171","ou_l172","ou_l173","ou_l174","ou_l175","ou_l176","ou_l177","ou_l178","ou_l179","ou_l180","ou_l181","ou_l182","ou_l183","ou_l184","ou_l185","ou_l186","ou_l187","ou_l188","ou_l189","ou_l190","ou_l191","ou_l192","ou_l193","ou_l194","ou_l195","ou_l196","ou_l197","ou_l198","ou_l199","ou_l200","ou_l201","ou_l202","ou_l203","ou_l204","ou_l205","ou_l206","ou_l207","ou_l208","ou_l209","ou_l210","ou_l211","ou_l212","ou_l213","ou_l214","ou_l215","ou_l216","ou_l217","ou_l218","ou_l219","ou_l220","ou_l221","ou_l222","ou_l223","ou_l224","ou_l225","ou_l226","ou_l227","ou_l228","ou_l229","ou_l230"]}',0,NULL,1796061010857,42,9,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(51,'default','session','session_3','{"metadata":"two"}',0,NULL,1796061010875,29,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(52,'default','preview','again-1','{"open_ids":["ou_8"]}',0,NULL,1796061011822,30,12,2,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(53,'default','preview','again-2','{"open_ids":["ou_8"]}',0,NULL,1796061011852,31,12,2,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(54,'default','preview','again-3','{"open_ids":["ou_8"]}',0,NULL,1796061011875,32,12,2,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(55,'default','session','session_3','{"metadata":"three"}',0,NULL,1796061011907,29,NULL,2,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(56,'default','preview','never-seen','{"everyone":true}',0,NULL,1796061012346,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(57,'default','preview','busy-4','{"open_ids":["ou_9"]}',0,NULL,1796061012376,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO ask VALUES(58,'default','card','card-new','{"actions":[{"action":"delete_elements","params":{"element_ids":["a"]}}]}',0,NULL,1796061012414,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE worker (
  only_row   integer primary key check (only_row = 1),
  folded_ask integer not null,  -- asks up to this id have been folded or held back
  control    integer not null,  -- grows when a person changes something the worker keeps in memory
  -- The queue's clock: time since boot + offset_ms, on the boot it was set on.
  boot       text,
  offset_ms  integer not null,
  skew_ms    integer not null,  -- wall clock - queue clock, when last looked at
  newest_ms    integer not null,  -- the newest moment that is known to have been
  pruned_ms  integer not null   -- when the history was last gone through for what is too old
) strict;
INSERT INTO worker VALUES(1,55,1,'00000000-0000-4000-8000-000000000000',1796054766295,0,1796061011913,1796060965430);
CREATE TABLE audience (
  id         integer primary key,
  account_id integer not null references account,
  hash       integer not null,
  size       integer check (size > 0),  -- null: everyone
  members    text,                      -- JSON, sorted, without repeats
  used_ms    integer not null,
  check ((size is null) = (members is null))
) strict;
INSERT INTO audience VALUES(1,1,5256895645696996029,1,'["ou_1"]',1796060965424);
INSERT INTO audience VALUES(2,1,7129398032906926320,1,'["ou_2"]',1796060965424);
INSERT INTO audience VALUES(3,1,6440020734870545535,1,'["ou_3"]',1796060965424);
INSERT INTO audience VALUES(4,1,-3750763034362895579,NULL,NULL,1796060965424);
INSERT INTO audience VALUES(5,1,7398886700539785450,2,'["ou_1","ou_bad1"]',1796060965424);
INSERT INTO audience VALUES(6,1,918729649028849712,2,'["ou_1","ou_2"]',1796060965424);
INSERT INTO audience VALUES(7,1,7447683913445749930,1,'["ou_bad1"]',1796060970498);
INSERT INTO audience VALUES(8,1,4004589284890034603,1,'["ou_7"]',1796061007121);
INSERT INTO audience VALUES(9,1,4004115201220679057,230,'["ou_l1","ou_l10","ou_l100","ou_l101","ou_l102","ou_l103","ou_l104","ou_l105","ou_l106","ou_l107","ou_l108","ou_l109","ou_l11","ou_l110","ou_l111","ou_l112","ou_l113","ou_l114","ou_l115","ou_l116","ou_l117","ou_l118","ou_l119","ou_l12","ou_l120","ou_l121","ou_l122","ou_l123","ou_l124","ou_l125","ou_l126","ou_l127","ou_l128","ou_l129","ou_l13","ou_l130","ou_l131","ou_l132","ou_l133","ou_l134","ou_l135","ou_l136","ou_l137","ou_l138","ou_l139","ou_l14","ou_l140","ou_l141","ou_l142","ou_l143","ou_l144","ou_l145","ou_l146","ou_l147","ou_l148","ou_l149","ou_l15","ou_l150","ou_l151","ou_l152","ou_l153","ou_l154","ou_l155","ou_l156","ou_l157","ou_l158","ou_l159","ou_l16","ou_l160","ou_l161","ou_l162","ou_l163","ou_l164","ou_l165","ou_l166","ou_l167","ou_l168","ou_l169","ou_l17","ou_l170","ou_l171","ou_l172","ou_l173","ou_l174","ou_l175","ou_l176","ou_l177","ou_l178","ou_l179","ou_l18","ou_l180","ou_l181","ou_l182","ou_l183","ou_l184","ou_l185","ou_l186","ou_l187","ou_l188","ou_l189","ou_l19","ou_l190","ou_l191","ou_l192","ou_l193","ou_l194","ou_l195","ou_l196","ou_l197","ou_l198","ou_l199","ou_l2","ou_l20","ou_l200","ou_l201","ou_l202","ou_l203","ou_l204","ou_l205","ou_l206","ou_l207","ou_l208","ou_l209","ou_l21","ou_l210","ou_l211","ou_l212","ou_l213","ou_l214","ou_l215","ou_l216","ou_l217","ou_l218","ou_l219","ou_l22","ou_l220","ou_l221","ou_l222","ou_l223","ou_l224","ou_l225","ou_l226","ou_l227","ou_l228","ou_l229","ou_l23","ou_l230","ou_l24","ou_l25","ou_l26","ou_l27","ou_l28","ou_l29","ou_l3","ou_l30","ou_l31","ou_l32","ou_l33","ou_l34","ou_l35","ou_l36","ou_l37","ou_l38","ou_l39","ou_l4","ou_l40","ou_l41","ou_l42","ou_l43","ou_l44","ou_l45","ou_l46","ou_l47","ou_l48","ou_l49","ou_l5","ou_l50","ou_l51","ou_l52","ou_l53","ou_l54","ou_l55","ou_l56","ou_l57","ou_l58","ou_l59","ou_l6","ou_l60","ou_l61","ou_l62","ou_l63","ou_l64","ou_l65","ou_l66","ou_l67","ou_l68","ou_l69","ou_l7","ou_l70","ou_l71","ou_l72","ou_l73","ou_l74","ou_l75","ou_l76","ou_l77","ou_l78","ou_l79","ou_l8","ou_l80","ou_l81","ou_l82","ou_l83","ou_l84","ou_l85","ou_l86","ou_l87","ou_l88","ou_l89","ou_l9","ou_l90","ou_l91","ou_l92","ou_l93","ou_l94","ou_l95","ou_l96","ou_l97","ou_l98","ou_l99"]',1796061007121);
INSERT INTO audience VALUES(10,1,202370323395939925,1,'["ou_9"]',1796061007121);
INSERT INTO audience VALUES(11,1,-5494945197175500218,100,'["ou_l1","ou_l10","ou_l100","ou_l101","ou_l102","ou_l103","ou_l104","ou_l105","ou_l106","ou_l107","ou_l108","ou_l109","ou_l11","ou_l110","ou_l111","ou_l112","ou_l113","ou_l114","ou_l115","ou_l116","ou_l117","ou_l118","ou_l119","ou_l12","ou_l120","ou_l121","ou_l122","ou_l123","ou_l124","ou_l125","ou_l126","ou_l127","ou_l128","ou_l129","ou_l13","ou_l130","ou_l131","ou_l132","ou_l133","ou_l134","ou_l135","ou_l136","ou_l137","ou_l138","ou_l139","ou_l14","ou_l140","ou_l141","ou_l142","ou_l143","ou_l144","ou_l145","ou_l146","ou_l147","ou_l148","ou_l149","ou_l15","ou_l150","ou_l151","ou_l152","ou_l153","ou_l154","ou_l155","ou_l156","ou_l157","ou_l158","ou_l159","ou_l16","ou_l160","ou_l161","ou_l162","ou_l163","ou_l164","ou_l165","ou_l166","ou_l167","ou_l168","ou_l169","ou_l17","ou_l170","ou_l171","ou_l172","ou_l173","ou_l174","ou_l175","ou_l176","ou_l177","ou_l178","ou_l179","ou_l18","ou_l180","ou_l181","ou_l182","ou_l183","ou_l184","ou_l185","ou_l186","ou_l187","ou_l188","ou_l189"]',1796061007129);
INSERT INTO audience VALUES(12,1,883936690827023566,1,'["ou_8"]',1796061008113);
INSERT INTO audience VALUES(13,1,-4181706508384639480,130,'["ou_l19","ou_l190","ou_l191","ou_l192","ou_l193","ou_l194","ou_l195","ou_l196","ou_l197","ou_l198","ou_l199","ou_l2","ou_l20","ou_l200","ou_l201","ou_l202","ou_l203","ou_l204","ou_l205","ou_l206","ou_l207","ou_l208","ou_l209","ou_l21","ou_l210","ou_l211","ou_l212","ou_l213","ou_l214","ou_l215","ou_l216","ou_l217","ou_l218","ou_l219","ou_l22","ou_l220","ou_l221","ou_l222","ou_l223","ou_l224","ou_l225","ou_l226","ou_l227","ou_l228","ou_l229","ou_l23","ou_l230","ou_l24","ou_l25","ou_l26","ou_l27","ou_l28","ou_l29","ou_l3","ou_l30","ou_l31","ou_l32","ou_l33","ou_l34","ou_l35","ou_l36","ou_l37","ou_l38","ou_l39","ou_l4","ou_l40","ou_l41","ou_l42","ou_l43","ou_l44","ou_l45","ou_l46","ou_l47","ou_l48","ou_l49","ou_l5","ou_l50","ou_l51","ou_l52","ou_l53","ou_l54","ou_l55","ou_l56","ou_l57","ou_l58","ou_l59","ou_l6","ou_l60","ou_l61","ou_l62","ou_l63","ou_l64","ou_l65","ou_l66","ou_l67","ou_l68","ou_l69","ou_l7","ou_l70","ou_l71","ou_l72","ou_l73","ou_l74","ou_l75","ou_l76","ou_l77","ou_l78","ou_l79","ou_l8","ou_l80","ou_l81","ou_l82","ou_l83","ou_l84","ou_l85","ou_l86","ou_l87","ou_l88","ou_l89","ou_l9","ou_l90","ou_l91","ou_l92","ou_l93","ou_l94","ou_l95","ou_l96","ou_l97","ou_l98","ou_l99"]',1796061008644);
CREATE TABLE refused_person (
  account_id integer not null references account,
  open_id    text    not null,
  reason     text    not null,
  since_ms   integer not null,
  primary key (account_id, open_id)
) strict, without rowid;
INSERT INTO refused_person VALUES(1,'ou_bad1','230001 param is invalid: ''ou_bad1'' is not an open_id (HTTP 400, log id xoixrj-14)',1796060975528);
CREATE TABLE call (
  id           integer primary key autoincrement,
  account_id   integer not null references account,
  api          text    not null check (api in ('preview', 'card', 'session', 'auth')),
  lanes        text    not null default '[]' check (json_valid(lanes)),  -- their ids
  audience_id  integer,
  started_ms   integer not null,
  sent_ms      integer,           -- when its last byte was handed to the network
  ended_ms     integer,
  outcome      text check (outcome in
    ('delivered', 'refused', 'try again', 'unreachable', 'limited', 'quota', 'token refused',
     'parked', 'unknown')),
  http_status  integer,
  code         integer,
  message      text,
  log_id       text,
  sent_bytes   integer,
  answer_bytes integer,
  check ((outcome is null) = (ended_ms is null))
) strict;
INSERT INTO call VALUES(1,1,'auth','[]',NULL,1796060965424,1796060965430,1796060965433,'delivered',200,0,'ok','xoixrj-1',47,70);
INSERT INTO call VALUES(2,1,'preview','[4,8]',1,1796060965433,1796060965438,1796060965462,'refused',400,230001,'param is invalid: ''bad_token_1'' is not a preview token','xoixrj-2',63,108);
INSERT INTO call VALUES(3,1,'preview','[5]',2,1796060965433,1796060965439,1796060965470,'delivered',200,0,'success','xoixrj-3',49,36);
INSERT INTO call VALUES(4,1,'preview','[6]',3,1796060965433,1796060965439,1796060965470,'delivered',200,0,'success','xoixrj-4',49,36);
INSERT INTO call VALUES(5,1,'preview','[7]',4,1796060965433,1796060965439,1796060965470,'delivered',200,0,'success','xoixrj-5',29,36);
INSERT INTO call VALUES(6,1,'preview','[9]',5,1796060965433,1796060965439,1796060965470,'refused',400,230001,'param is invalid: ''ou_bad1'' is not an open_id','xoixrj-6',59,99);
INSERT INTO call VALUES(7,1,'card','[1]',NULL,1796060965433,1796060965439,1796060965470,'delivered',200,0,'success','xoixrj-7',149,36);
INSERT INTO call VALUES(8,1,'card','[2]',NULL,1796060965433,1796060965439,1796060965470,'refused',400,200740,'the card entity does not exist','xoixrj-8',149,84);
INSERT INTO call VALUES(9,1,'session','[3]',NULL,1796060965433,1796060965439,1796060965470,'delivered',200,0,'success','xoixrj-9',18,188);
INSERT INTO call VALUES(10,1,'preview','[10]',6,1796060966448,1796060966461,1796060966483,'delivered',200,0,'success','xoixrj-10',58,36);
INSERT INTO call VALUES(11,1,'preview','[4]',1,1796060970469,1796060970471,1796060970492,'delivered',200,0,'success','xoixrj-11',49,36);
INSERT INTO call VALUES(12,1,'preview','[8]',1,1796060970469,1796060970471,1796060970492,'refused',400,230001,'param is invalid: ''bad_token_1'' is not a preview token','xoixrj-12',54,109);
INSERT INTO call VALUES(13,1,'preview','[9]',1,1796060970476,1796060970477,1796060970498,'delivered',200,0,'success','xoixrj-13',49,36);
INSERT INTO call VALUES(14,1,'preview','[9]',7,1796060975504,1796060975508,1796060975528,'refused',400,230001,'param is invalid: ''ou_bad1'' is not an open_id','xoixrj-14',52,100);
INSERT INTO call VALUES(15,1,'auth','[]',NULL,1796061007121,1796061007128,1796061007129,'delivered',200,0,'ok','1esqx42-1',47,71);
INSERT INTO call VALUES(16,1,'preview','[14,15,16,17,18,19,20,21,22,23]',8,1796061007129,1796061007136,1796061008638,'delivered',200,0,'success','1esqx42-2',131,36);
INSERT INTO call VALUES(17,1,'preview','[24,25,26]',8,1796061007129,1796061007136,1796061008644,'refused',400,230001,'param is invalid: ''bad_token_2'' is not a preview token','1esqx42-3',74,109);
INSERT INTO call VALUES(18,1,'preview','[27]',11,1796061007129,1796061007136,1796061008644,'delivered',200,0,'success','1esqx42-4',1030,36);
INSERT INTO call VALUES(19,1,'preview','[4]',10,1796061007129,1796061007136,1796061008644,'delivered',200,0,'success','1esqx42-5',49,36);
INSERT INTO call VALUES(20,1,'card','[11]',NULL,1796061007129,1796061007137,1796061008644,'delivered',200,0,'success','1esqx42-6',149,36);
INSERT INTO call VALUES(21,1,'card','[12]',NULL,1796061007129,1796061007137,1796061008644,'delivered',200,0,'success','1esqx42-7',149,36);
INSERT INTO call VALUES(22,1,'session','[13]',NULL,1796061007129,1796061007137,1796061008644,'delivered',200,0,'success','1esqx42-8',40,189);
INSERT INTO call VALUES(23,1,'preview','[28]',4,1796061008163,1796061008169,1796061009673,'delivered',200,0,'success','1esqx42-9',28,36);
INSERT INTO call VALUES(24,1,'card','[11]',NULL,1796061008644,1796061008648,1796061010150,'delivered',200,0,'success','1esqx42-10',124,36);
INSERT INTO call VALUES(25,1,'session','[13]',NULL,1796061008644,1796061008648,1796061010154,'delivered',200,0,'success','1esqx42-11',20,191);
INSERT INTO call VALUES(26,1,'card','[12]',NULL,1796061010407,NULL,1796061010942,'unknown',NULL,NULL,'the run ended before the answer came',NULL,NULL,NULL);
INSERT INTO call VALUES(27,1,'auth','[]',NULL,1796061010950,1796061010965,1796061010966,'delivered',200,0,'ok','1esqx42-12',47,71);
INSERT INTO call VALUES(28,1,'preview','[30,31,32,33,34,35,36,37,38,39]',8,1796061010966,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO call VALUES(29,1,'preview','[40,41]',8,1796061010966,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO call VALUES(30,1,'preview','[42]',11,1796061010966,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO call VALUES(31,1,'card','[12]',NULL,1796061010966,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO call VALUES(32,1,'session','[29]',NULL,1796061010966,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE budget (
  account_id   integer not null references account,
  api          text    not null check (api in ('preview', 'card', 'session', 'auth')),
  paused_ms    integer not null default 0,  -- nothing is sent before this
  paused_why   text,
  month        integer not null default 0,  -- months since January 1970, Beijing time
  month_calls  integer not null default 0, refused_mark integer check (refused_mark between 0 and 65535),
  primary key (account_id, api)
) strict, without rowid;
INSERT INTO budget VALUES(1,'card',0,NULL,683,6,NULL);
INSERT INTO budget VALUES(1,'preview',0,NULL,683,13,NULL);
INSERT INTO budget VALUES(1,'session',0,NULL,683,4,NULL);
CREATE TABLE IF NOT EXISTS "lane" (
  id          integer primary key autoincrement,
  account_id  integer not null references account,
  kind        text    not null check (kind in ('preview', 'card', 'session')),
  name        text    not null,
  state       text    not null check (state in ('idle', 'waiting', 'in_flight')),
  audience_id integer references audience,        -- whom it still has to reach
  wide        integer not null default 0 check (wide in (0, 1)),  -- that takes several calls
  follow_id   integer references audience,        -- asked for while it is in flight
  since_ms    integer,                            -- the oldest ask it carries
  ready_ms    integer,                            -- when it becomes due; among due lanes, the order
  slot_ms     integer not null default 0,         -- the earliest moment of its next call
  expires_ms  integer,                            -- when its asks must be looked at again
  round       integer not null default 0,         -- calls made so far
  attempts    integer not null default 0,
  error       text,
  call_id     integer references call,
  -- Looking for what was refused in a call: the lanes that go together, and to how many people.
  group_id    integer,
  people_max  integer check (people_max > 0),
  strikes     integer not null default 0,
  proven      integer not null default 0 check (proven in (0, 1)),
  -- What a card or a session remembers of its calls: the highest sequence, the fields accepted last.
  memory      text    not null default '{}' check (json_type(memory) = 'object'),
  apart       integer not null default 0,         -- asks up to this one go one by one
  result      text    check (result is null or json_valid(result)),  -- of the last answer
  unique (account_id, kind, name),
  check ((state = 'in_flight') = (call_id is not null)),
  check (iif(kind = 'preview', (state = 'idle') = (audience_id is null), audience_id is null)),
  check ((state = 'idle') = (ready_ms is null)),
  check (follow_id is null or state = 'in_flight')
) strict;
INSERT INTO lane VALUES(1,1,'card','card-done','idle',NULL,0,NULL,NULL,NULL,1796060965549,NULL,1,0,NULL,NULL,NULL,NULL,0,0,'{"accepted":1796060965,"sequence":1796060965}',0,NULL);
INSERT INTO lane VALUES(2,1,'card','missing-card','idle',NULL,0,NULL,NULL,NULL,1796060965549,NULL,1,0,NULL,NULL,NULL,NULL,0,0,'{"sequence":1796060965}',0,NULL);
INSERT INTO lane VALUES(3,1,'session','session_1','idle',NULL,0,NULL,NULL,NULL,1796060965470,NULL,1,0,NULL,NULL,NULL,NULL,0,0,'{"metadata":"one"}',0,'{"channel_context":"","created_at":"1796060965444","created_by":"cli_sandbox","id":"session_1","metadata":"one","modified_at":"1796060965444"}');
INSERT INTO lane VALUES(4,1,'preview','done-1','idle',NULL,0,NULL,NULL,NULL,1796061013649,NULL,3,0,NULL,NULL,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(5,1,'preview','done-2','idle',NULL,0,NULL,NULL,NULL,1796060970475,NULL,1,0,NULL,NULL,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(6,1,'preview','done-3','idle',NULL,0,NULL,NULL,NULL,1796060970475,NULL,1,0,NULL,NULL,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(7,1,'preview','done-4','idle',NULL,0,NULL,NULL,NULL,1796060970475,NULL,1,0,NULL,NULL,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(8,1,'preview','bad_token_1','idle',NULL,0,NULL,NULL,NULL,1796060975497,NULL,2,0,NULL,NULL,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(9,1,'preview','partly','idle',NULL,0,NULL,NULL,NULL,1796060980533,NULL,3,0,NULL,NULL,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(10,1,'preview','partly-2','idle',NULL,0,NULL,NULL,NULL,1796060971488,NULL,1,0,NULL,NULL,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(11,1,'card','card-flight','idle',NULL,0,NULL,NULL,NULL,1796061010150,NULL,2,0,NULL,NULL,NULL,NULL,0,0,'{"accepted":1796061008,"sequence":1796061008}',0,NULL);
INSERT INTO lane VALUES(12,1,'card','card-behind','in_flight',NULL,0,NULL,1796061010404,1796061010523,1796061011082,NULL,3,0,'a run ended before its call was answered',31,NULL,NULL,0,0,'{"accepted":1796061007,"sequence":1796061010}',0,NULL);
INSERT INTO lane VALUES(13,1,'session','session_2','idle',NULL,0,NULL,NULL,NULL,1796061010154,NULL,2,0,NULL,NULL,NULL,NULL,0,0,'{"channel_context":"x","metadata":"three"}',0,'{"channel_context":"x","created_at":"1796061007139","created_by":"cli_sandbox","id":"session_2","metadata":"three","modified_at":"1796061008649"}');
INSERT INTO lane VALUES(14,1,'preview','busy-1','waiting',12,0,NULL,1796061008108,1796061013643,1796061013643,NULL,1,0,NULL,NULL,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(15,1,'preview','busy-2','waiting',12,0,NULL,1796061008127,1796061013643,1796061013643,NULL,1,0,NULL,NULL,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(16,1,'preview','busy-3','waiting',12,0,NULL,1796061008144,1796061013643,1796061013643,NULL,1,0,NULL,NULL,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(17,1,'preview','busy-4','idle',NULL,0,NULL,NULL,NULL,1796061013643,NULL,1,0,NULL,NULL,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(18,1,'preview','busy-5','idle',NULL,0,NULL,NULL,NULL,1796061013643,NULL,1,0,NULL,NULL,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(19,1,'preview','busy-6','idle',NULL,0,NULL,NULL,NULL,1796061013643,NULL,1,0,NULL,NULL,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(20,1,'preview','busy-7','idle',NULL,0,NULL,NULL,NULL,1796061013643,NULL,1,0,NULL,NULL,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(21,1,'preview','busy-8','idle',NULL,0,NULL,NULL,NULL,1796061013643,NULL,1,0,NULL,NULL,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(22,1,'preview','busy-9','idle',NULL,0,NULL,NULL,NULL,1796061013643,NULL,1,0,NULL,NULL,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(23,1,'preview','busy-10','idle',NULL,0,NULL,NULL,NULL,1796061013643,NULL,1,0,NULL,NULL,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(24,1,'preview','busy-11','waiting',8,0,NULL,1796061006879,1796061013649,1796061013649,NULL,1,0,'230001 param is invalid: ''bad_token_2'' is not a preview token (HTTP 400, log id 1esqx42-3)',NULL,272,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(25,1,'preview','busy-12','waiting',8,0,NULL,1796061006920,1796061013649,1796061013649,NULL,1,0,'230001 param is invalid: ''bad_token_2'' is not a preview token (HTTP 400, log id 1esqx42-3)',NULL,273,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(26,1,'preview','bad_token_2','waiting',8,0,NULL,1796061006936,1796061013649,1796061013649,NULL,1,0,'230001 param is invalid: ''bad_token_2'' is not a preview token (HTTP 400, log id 1esqx42-3)',NULL,274,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(27,1,'preview','large','waiting',13,1,NULL,1796061006970,1796061013649,1796061013649,NULL,1,0,NULL,NULL,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(28,1,'preview','brief','idle',NULL,0,NULL,NULL,NULL,1796061014678,NULL,1,0,NULL,NULL,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(29,1,'session','session_3','in_flight',NULL,0,NULL,1796061010875,1796061010875,1796061022966,NULL,1,0,NULL,32,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(30,1,'preview','again-1','in_flight',8,0,12,1796061010432,1796061010432,1796061027971,NULL,1,0,NULL,28,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(31,1,'preview','again-2','in_flight',8,0,12,1796061010455,1796061010455,1796061027971,NULL,1,0,NULL,28,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(32,1,'preview','again-3','in_flight',8,0,12,1796061010501,1796061010501,1796061027971,NULL,1,0,NULL,28,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(33,1,'preview','again-4','in_flight',8,0,NULL,1796061010539,1796061010539,1796061027971,NULL,1,0,NULL,28,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(34,1,'preview','again-5','in_flight',8,0,NULL,1796061010572,1796061010572,1796061027971,NULL,1,0,NULL,28,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(35,1,'preview','again-6','in_flight',8,0,NULL,1796061010612,1796061010612,1796061027971,NULL,1,0,NULL,28,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(36,1,'preview','again-7','in_flight',8,0,NULL,1796061010646,1796061010646,1796061027971,NULL,1,0,NULL,28,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(37,1,'preview','again-8','in_flight',8,0,NULL,1796061010682,1796061010682,1796061027971,NULL,1,0,NULL,28,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(38,1,'preview','again-9','in_flight',8,0,NULL,1796061010719,1796061010719,1796061027971,NULL,1,0,NULL,28,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(39,1,'preview','again-10','in_flight',8,0,NULL,1796061010753,1796061010753,1796061027971,NULL,1,0,NULL,28,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(40,1,'preview','again-11','in_flight',8,0,NULL,1796061010791,1796061010791,1796061027971,NULL,1,0,NULL,29,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(41,1,'preview','again-12','in_flight',8,0,NULL,1796061010826,1796061010826,1796061027971,NULL,1,0,NULL,29,NULL,NULL,0,0,'{}',0,NULL);
INSERT INTO lane VALUES(42,1,'preview','large2','in_flight',9,1,NULL,1796061010857,1796061010857,1796061027971,NULL,1,0,NULL,30,NULL,NULL,0,0,'{}',0,NULL);
CREATE TABLE parcel (
  lane_id      integer primary key references lane,
  asks         text    not null check (json_type(asks) = 'array'),     -- done once it is accepted
  fields       text    not null check (json_type(fields) = 'object'),
  body         text    not null,
  uncertain    integer not null default 0 check (uncertain in (0, 1)), -- it may have been carried out
  name_given   integer not null default 0 check (name_given in (0, 1)),
  number_given integer not null default 0 check (number_given in (0, 1)),
  renumbered   integer not null default 0,
  renamed      integer not null default 0,
  waits        integer not null default 0
) strict;
INSERT INTO parcel VALUES(12,'[37]','{"actions":"[{\"action\":\"delete_elements\",\"params\":{\"element_ids\":[\"a\"]}}]","sequence":1796061010,"uuid":"4c95ba94f3c81dd508b171b7d964ef1c"}','{"actions":"[{\"action\":\"delete_elements\",\"params\":{\"element_ids\":[\"a\"]}}]","sequence":1796061010,"uuid":"4c95ba94f3c81dd508b171b7d964ef1c"}',1,0,0,0,0,0);
INSERT INTO parcel VALUES(29,'[51]','{"metadata":"two"}','{"metadata":"two"}',0,0,0,0,0,0);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('lane',42);
INSERT INTO sqlite_sequence VALUES('ask',58);
INSERT INTO sqlite_sequence VALUES('call',32);
CREATE INDEX asks_of_a_lane on ask (lane_id, round) where lane_id is not null and outcome is null;
CREATE INDEX asks_held_back on ask (due_ms)
  where due_ms is not null and lane_id is null and outcome is null;
CREATE INDEX asks_dead on ask (lane_id) where outcome = 'dead';
CREATE TRIGGER ask_names_its_audience before insert on ask
when new.kind = 'preview' and iif(json_valid(new.body), json_type(new.body) = 'object', false)
begin
  select case
    when exists (select 1 from json_each(new.body) where key not in ('open_ids', 'everyone'))
      then raise(abort, 'the body has an unknown key; it takes open_ids or everyone')
    when (select count(*) from json_each(new.body)) = 0
      then raise(abort, 'no audience: say {"open_ids":["ou_…"]} for some people or {"everyone":true} for the whole chat')
    when (select count(*) from json_each(new.body)) > 1
      then raise(abort, 'two audiences: give either open_ids or everyone, once')
    when json_type(new.body, '$.everyone') <> 'true'
      then raise(abort, 'everyone can only be true; to reach some people, give open_ids instead')
    -- A key may be spelt with escapes, which paths do not find.
    when json_type(new.body, '$.everyone') is not 'true' and json_type(new.body, '$.open_ids') is null
      then raise(abort, 'the body has an unknown key; it takes open_ids or everyone')
    when json_type(new.body, '$.open_ids') <> 'array'
      then raise(abort, 'open_ids must be a list of strings')
    when json_array_length(new.body, '$.open_ids') = 0
      then raise(abort, 'open_ids is empty: nobody would be reached; for the whole chat say {"everyone":true}')
    when exists (select 1 from json_each(new.body, '$.open_ids') where type <> 'text')
      then raise(abort, 'open_ids must be a list of strings')
    when exists (
      select 1 from json_each(new.body, '$.open_ids')
      where value = '' or length(cast(value as blob)) > 64 or value glob '*[^!-~]*' or value glob '*[,;]*')
      -- SQLite reads a string in JSON no further than this.
      or instr(new.body, '\u0000')
      then raise(abort, 'an open_id is empty, longer than 64 characters, or has a character that no open_id has')
  end;
end
;
CREATE TRIGGER ask_id_only_grows after insert on ask
when new.id <= (select folded_ask from worker) or new.id > 1000000000000000
begin
  select raise(abort, 'leave the id out: it is given in order');
end;
CREATE INDEX audiences_like_this_one on audience (account_id, hash);
CREATE UNIQUE INDEX one_everyone_per_account on audience (account_id) where size is null;
CREATE INDEX calls_of_a_budget on call (account_id, api, started_ms);
CREATE INDEX calls_under_way on call (id) where ended_ms is null;
CREATE VIEW clock as
select cast((julianday('now') - 2440587.5) * 86400000 as integer) - skew_ms as now_ms, skew_ms
from worker;
CREATE VIEW budgets as
select
  account.name as account,
  budget.api as api,
  (select count(*) from call where call.account_id = budget.account_id
    and call.api = budget.api and call.started_ms > clock.now_ms - 1000) as last_second,
  (select count(*) from call where call.account_id = budget.account_id
    and call.api = budget.api and call.started_ms > clock.now_ms - 60000) as last_minute,
  iif(budget.month = (cast(strftime('%Y', 'now', '+8 hours') as integer) - 1970) * 12
      + cast(strftime('%m', 'now', '+8 hours') as integer) - 1, budget.month_calls, 0) as this_month,
  case
    when account.parked is not null then 'parked: ' || account.parked
    when budget.paused_ms > clock.now_ms then 'paused'
    else 'open'
  end as state,
  iif(account.parked is null and budget.paused_ms > clock.now_ms,
    datetime((budget.paused_ms + clock.skew_ms + 999) / 1000, 'unixepoch', 'localtime'), '')
    as paused_until,
  coalesce(account.parked_why, iif(budget.paused_ms > clock.now_ms, budget.paused_why, null), '')
    as why
from clock
join budget
join account on account.id = budget.account_id;
CREATE INDEX lanes_due_longest on lane (account_id, kind, ready_ms) where state = 'waiting';
CREATE INDEX lanes_wanting_this_audience on lane (audience_id, ready_ms)
  where state = 'waiting' and group_id is null;
CREATE INDEX lanes_wanting_a_large_audience on lane (account_id, ready_ms)
  where state = 'waiting' and wide = 1 and group_id is null;
CREATE INDEX lanes_of_a_refused_call on lane (group_id, ready_ms) where group_id is not null;
CREATE INDEX lanes_under_suspicion on lane (account_id, kind, ready_ms)
  where group_id is not null and state = 'waiting';
CREATE INDEX lanes_in_flight on lane (call_id) where call_id is not null;
CREATE INDEX lanes_to_look_at on lane (expires_ms) where expires_ms is not null;
CREATE INDEX asks_that_expire on ask (lane_id, expires_ms)
  where expires_ms is not null and lane_id is not null and outcome is null;
CREATE INDEX asks_folded_first on ask (id)
  where kind <> 'preview' and lane_id is null and due_ms is null and outcome is null;
CREATE TRIGGER ask_is_well_formed before insert on ask
begin
  select case
    when new.account glob '*[^A-Za-z0-9_.-]*' or length(new.account) not between 1 and 64
      then raise(abort, 'an account name is 1 to 64 letters, digits, dots, dashes or underscores')
    when new.kind not in ('preview', 'card', 'session')
      then raise(abort, 'kind must be ''preview'', ''card'' or ''session''')
    when length(cast(new.body as blob)) > iif(new.kind = 'card', 5000000, 4000000)
      then raise(abort, 'the body is larger than 4,000,000 bytes (5,000,000 for a card); split it over several asks')
    when iif(json_valid(new.body), json_type(new.body) <> 'object', true)
      then raise(abort, 'the body must be a JSON object: {"open_ids":["ou_…"]} or {"everyone":true} for a preview, {"actions":[…]} for a card, {"channel_context":"…","metadata":"…"} for a session')
    when new.after_ms not between 0 and 315360000000
      then raise(abort, 'after_ms must be between 0 and ten years')
    when new.asked_ms not between 0 and 253402300799000
      then raise(abort, 'asked_ms is no moment; leave it out, it is set by default')
    when new.expires_in_ms not between 1 and 315360000000
      then raise(abort, 'expires_in_ms must be more than 0 and at most ten years')
    when new.expires_in_ms <= new.after_ms
      then raise(abort, 'it would expire before it may be sent: expires_in_ms must be larger than after_ms')
    when new.lane_id is not null or new.audience_id is not null or new.round is not null
      or new.due_ms is not null or new.expires_ms is not null or new.refused is not null
      or new.outcome is not null or new.reason is not null or new.ended_ms is not null
      or new.call_id is not null
      then raise(abort, 'leave this column to the worker: set only account, kind, lane, body, after_ms and expires_in_ms')
  end;
end;
CREATE TRIGGER ask_names_its_preview before insert on ask
when new.kind = 'preview'
begin
  select case
    when new.lane = ''
      then raise(abort, 'the preview token is empty')
    when length(cast(new.lane as blob)) > 256
      then raise(abort, 'the preview token is longer than 256 characters')
    when new.lane glob '*[^!-~]*' or instr(cast(new.lane as blob), x'00')
      then raise(abort, 'the preview token contains a space, a line break or another character that no token has')
  end;
end;
CREATE TRIGGER ask_names_its_card before insert on ask
when new.kind = 'card'
begin
  select case
    when new.lane glob '*[^!-~]*' or instr(cast(new.lane as blob), x'00')
      then raise(abort, 'the card_id contains a space, a line break or another character that no card_id has')
    when length(new.lane) not between 1 and 20
      then raise(abort, 'a card_id has 1 to 20 characters')
    -- In an address these two name folders.
    when new.lane in ('.', '..')
      then raise(abort, 'a card_id is not . or ..')
  end;
end
;
CREATE TRIGGER ask_names_its_session before insert on ask
when new.kind = 'session'
begin
  select case
    when new.lane not glob 'session_?*' or length(cast(new.lane as blob)) > 32
      or substr(new.lane, 9) glob '*[^0-9a-hjkmnp-z]*' or instr(cast(new.lane as blob), x'00')
      then raise(abort, 'a session id is session_ and 1 to 24 digits and small letters other than i, l and o')
  end;
end;
CREATE TRIGGER ask_carries_a_batch before insert on ask
when new.kind = 'card' and iif(json_valid(new.body), json_type(new.body) = 'object', false)
begin
  select case
    when exists (
      select 1 from json_each(new.body) where key not in ('actions', 'uuid', 'sequence'))
      then raise(abort, 'the body has an unknown key; a card takes actions, uuid and sequence')
    when (select count(*) > count(distinct key) from json_each(new.body))
      then raise(abort, 'the body names a key twice')
    when json_type(new.body, '$.actions') is not 'array'
      then raise(abort, 'actions must be a JSON list of {"action":…,"params":{…}}')
    when json_array_length(new.body, '$.actions') = 0
      then raise(abort, 'actions is empty: nothing would change')
    when length(json_extract(new.body, '$.actions')) > 1000000
      then raise(abort, 'actions are longer than 1,000,000 characters; split them over several asks')
    -- A key may be spelt with escapes, which paths do not find.
    when exists (
      select 1 from json_each(new.body)
      where key = 'uuid' and (type <> 'text' or length(value) not between 1 and 64))
      then raise(abort, 'uuid must be a string of 1 to 64 characters')
    when exists (
      select 1 from json_each(new.body)
      where key = 'sequence' and (type <> 'integer' or value not between 1 and 2147483647))
      then raise(abort, 'sequence must be a whole number from 1 to 2147483647')
    -- SQLite reads a string in JSON no further than this.
    when instr(replace(new.body, '\\', ''), '\u0000')
      then raise(abort, 'the body contains \u0000, which SQLite cannot keep')
  end;
end
;
CREATE TRIGGER ask_carries_documented_actions before insert on ask
when new.kind = 'card' and iif(json_valid(new.body), json_type(new.body, '$.actions') = 'array', false)
begin
  select json_extract('{}', 'action ' || number || ': ' || wrong)
  from (
    select number, case
      when name is null or json_type(action, '$.params') is not 'object'
        then 'it is not {"action":…,"params":{…}}'
      -- Older pages of the documentation put config and card_link into params, newer ones into
      -- params.settings.
      when name = 'partial_update_setting' then
        case when
          coalesce(
            json_type(action, '$.params.config'), json_type(action, '$.params.card_link'),
            json_type(action, '$.params.settings.config'),
            json_type(action, '$.params.settings.card_link')) is null
          or ifnull(json_type(action, '$.params.config'), 'object') <> 'object'
          or ifnull(json_type(action, '$.params.card_link'), 'object') <> 'object'
          or ifnull(json_type(action, '$.params.settings'), 'object') <> 'object'
          or ifnull(json_type(action, '$.params.settings.config'), 'object') <> 'object'
          or ifnull(json_type(action, '$.params.settings.card_link'), 'object') <> 'object'
          then name || ' needs config or card_link, an object, in params or in params.settings' end
      when name = 'add_elements' then
        case
          when ifnull(json_extract(action, '$.params.type'), '')
            not in ('insert_before', 'insert_after', 'append')
            then name || ' needs type: insert_before, insert_after or append'
          when json_extract(action, '$.params.type') <> 'append'
            and json_type(action, '$.params.target_element_id') is null
            then name || ' needs target_element_id, unless its type is append'
          when ifnull(json_type(action, '$.params.target_element_id'), 'text') <> 'text'
            or json_extract(action, '$.params.target_element_id') = ''
            then 'target_element_id must be a string that is not empty'
          when json_type(action, '$.params.elements') is not 'array'
            or json_array_length(action, '$.params.elements') = 0
            or exists (
              select 1 from json_each(action, '$.params.elements') as element
              where iif(element.type = 'object', json_type(element.value, '$.tag'), null) is not 'text')
            then name || ' needs elements, a list of objects with a tag'
        end
      when name = 'delete_elements' then
        case when json_type(action, '$.params.element_ids') is not 'array'
          or json_array_length(action, '$.params.element_ids') = 0
          or exists (
            select 1 from json_each(action, '$.params.element_ids') as id
            where id.type <> 'text' or id.value = '')
          then name || ' needs element_ids, a list of strings that are not empty' end
      when name not in ('partial_update_element', 'update_element')
        then 'there is no such action; there are partial_update_setting, add_elements, delete_elements, partial_update_element and update_element'
      when json_type(action, '$.params.element_id') is not 'text'
        or json_extract(action, '$.params.element_id') = ''
        then name || ' needs element_id, a string that is not empty'
      when name = 'partial_update_element' then
        case when json_type(action, '$.params.partial_element') is not 'object'
          then name || ' needs partial_element, an object' end
      when json_type(action, '$.params.element.tag') is not 'text'
        then name || ' needs element, an object with a tag'
    end as wrong
    from (
      select key as number, iif(type = 'object', value, '{}') as action,
        iif(type = 'object' and json_type(value, '$.action') = 'text',
          json_extract(value, '$.action'), null) as name
      from json_each(new.body, '$.actions')
      -- With this SQLite works each column out once, which counts when an action is a megabyte.
      limit -1)
    limit -1)
  where wrong is not null
  limit 1;
end
;
CREATE TRIGGER ask_writes_a_session before insert on ask
when new.kind = 'session' and iif(json_valid(new.body), json_type(new.body) = 'object', false)
begin
  select case
    when exists (
      select 1 from json_each(new.body) where key not in ('channel_context', 'metadata'))
      then raise(abort, 'the body has an unknown key; a session takes channel_context and metadata')
    when (select count(*) > count(distinct key) from json_each(new.body))
      then raise(abort, 'the body names a key twice')
    when json_type(new.body, '$.channel_context') is null and json_type(new.body, '$.metadata') is null
      then raise(abort, 'nothing to write: give channel_context, metadata or both')
    when exists (select 1 from json_each(new.body) where type <> 'text')
      then raise(abort, 'channel_context and metadata must be strings')
    when exists (select 1 from json_each(new.body) where length(value) > 255)
      then raise(abort, 'channel_context and metadata have at most 255 characters')
    -- Half of a surrogate pair, left over where a text was cut, is read as U+FFFD.
    when exists (
      select 1 from json_each(new.body)
      where replace(value, char(65533), '') glob '*' || char(65533) || '*')
      then raise(abort, 'channel_context and metadata must not contain half of a character, such as \ud83d alone')
    when instr(replace(new.body, '\\', ''), '\u0000')
      then raise(abort, 'the body contains \u0000, which SQLite cannot keep')
  end;
end
;
CREATE VIEW queue as
select
  account.name as account,
  lane.kind as kind,
  lane.name as lane,
  case
    when lane.state = 'in_flight' then 'in flight'
    when account.parked is not null then 'parked'
    when budget.paused_ms > clock.now_ms then 'paused'
    when lane.ready_ms > clock.now_ms then 'waiting'
    else 'ready'
  end as state,
  case
    when lane.kind <> 'preview' then ''
    when audience.size is null then 'everyone'
    when audience.size = 1 then '1 person'
    else audience.size || ' people'
  end as audience,
  (select count(*) from ask where ask.lane_id = lane.id and ask.outcome is null) as asks,
  datetime((lane.since_ms + clock.skew_ms) / 1000, 'unixepoch', 'localtime') as since,
  case
    when lane.state = 'in_flight' then 'answer awaited'
    when account.parked is not null then 'after: larkspur resume ' || account.name
    when max(lane.ready_ms, ifnull(budget.paused_ms, 0)) <= clock.now_ms then 'now'
    else datetime(
      (max(lane.ready_ms, ifnull(budget.paused_ms, 0)) + clock.skew_ms + 999) / 1000,
      'unixepoch', 'localtime')
  end as next,
  lane.attempts as attempts,
  coalesce(lane.error, account.parked_why,
    iif(budget.paused_ms > clock.now_ms, budget.paused_why, null), '') as last_error,
  lane.result as result
from clock
join lane
join account on account.id = lane.account_id
left join audience on audience.id = lane.audience_id
left join budget on budget.account_id = lane.account_id and budget.api = lane.kind
where lane.state <> 'idle'
union all
select
  ask.account,
  ask.kind,
  ask.lane,
  case
    when max(ifnull(ask.latest_ms, 9e18)) <= clock.now_ms then 'expired'
    when min(ask.earliest_ms) > clock.now_ms then 'delayed'
    else 'new'
  end,
  case
    when ask.kind <> 'preview' then ''
    when max(json_type(ask.body, '$.everyone') is not null) then 'everyone'
    when max(json_array_length(ask.body, '$.open_ids')) = 1 then '1 person'
    else max(json_array_length(ask.body, '$.open_ids')) || ' people'
  end,
  count(*),
  datetime(min(ask.asked_ms) / 1000, 'unixepoch', 'localtime'),
  case
    when max(ifnull(ask.latest_ms, 9e18)) <= clock.now_ms then 'never'
    when min(ask.earliest_ms) > clock.now_ms then
      datetime((min(ask.earliest_ms) + clock.skew_ms + 999) / 1000, 'unixepoch', 'localtime')
    else 'now'
  end,
  0,
  '',
  null
from clock
join (
  select *, asked_ms + after_ms - (select skew_ms from worker) as earliest_ms,
    asked_ms + expires_in_ms - (select skew_ms from worker) as latest_ms
  from ask
  where id > (select folded_ask from worker) and outcome is null and lane_id is null
    and due_ms is null
  union all
  select *, due_ms, expires_ms
  from ask where due_ms is not null and lane_id is null and outcome is null
) as ask
group by ask.account, ask.kind, ask.lane;
CREATE VIEW ready as
select account, kind, lane, audience, asks, since, last_error from queue
where state in ('ready', 'new');
CREATE VIEW in_flight as
select
  call.id as call,
  account.name as account,
  lane.kind as kind,
  lane.name as lane,
  datetime((call.started_ms + clock.skew_ms) / 1000, 'unixepoch', 'localtime') as started,
  (clock.now_ms - call.started_ms) / 1000.0 as seconds
from clock
join lane on lane.call_id is not null
join call on call.id = lane.call_id
join account on account.id = lane.account_id;
CREATE VIEW dead as
select
  account.name as account,
  lane.kind as kind,
  lane.name as lane,
  count(*) as asks,
  datetime((max(ask.ended_ms) + clock.skew_ms) / 1000, 'unixepoch', 'localtime') as died,
  ask.reason as reason,
  max(ask.id) as last_ask
from clock
join ask on ask.outcome = 'dead'
join lane on lane.id = ask.lane_id
join account on account.id = lane.account_id
group by lane.id;
CREATE VIEW idle as
select
  account.name as account,
  lane.kind as kind,
  lane.name as lane,
  lane.round as calls,
  lane.result as result
from lane
join account on account.id = lane.account_id
where lane.state = 'idle';
CREATE VIEW recent_calls as
select
  call.id as call,
  account.name as account,
  call.api as api,
  datetime((call.started_ms + clock.skew_ms) / 1000, 'unixepoch', 'localtime') as started,
  call.ended_ms - call.started_ms as took_ms,
  json_array_length(call.lanes) as lanes,
  case
    when call.api <> 'preview' then ''
    when audience.size is null then 'everyone'
    when audience.size = 1 then '1 person'
    else audience.size || ' people'
  end as audience,
  ifnull(call.outcome, 'in flight') as outcome,
  call.http_status as http,
  call.code as code,
  call.message as message,
  call.log_id as log_id,
  (select group_concat(lane.name, ' ')
   from json_each(call.lanes) as carried join lane on lane.id = carried.value) as carried
from (select * from call order by id desc limit 1000) as call
join clock
join account on account.id = call.account_id
left join audience on audience.id = call.audience_id
order by call.id desc;
CREATE VIEW stats as
select 'asks not folded yet' as figure,
  (select count(*) from ask where id > (select folded_ask from worker) and outcome is null
    and lane_id is null and due_ms is null) as value
union all select 'asks held back',
  (select count(*) from ask where due_ms is not null and lane_id is null and outcome is null)
union all select 'lanes ready or waiting', (select count(*) from lane where state = 'waiting')
union all select 'lanes in flight', (select count(*) from lane where call_id is not null)
union all select 'lanes dead', (select count(distinct lane_id) from ask where outcome = 'dead')
union all select 'asks ' || outcomes.value,
  (select count(*) from ask where ask.outcome = outcomes.value)
  from json_each('["delivered", "dead", "expired", "cancelled"]') as outcomes
union all select 'calls', (select count(*) from call where api <> 'auth')
union all select 'calls not delivered',
  (select count(*) from call where api <> 'auth' and outcome <> 'delivered');
CREATE TRIGGER ask_names_its_account before insert on ask
when instr(cast(new.account as blob), x'00')
begin
  select raise(abort, 'an account name is 1 to 64 letters, digits, dots, dashes or underscores');
end;
COMMIT;
PRAGMA user_version = 3;
PRAGMA application_id = 1281454699;
