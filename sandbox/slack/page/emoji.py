"""The common emoji shortcodes. One that is not here is shown as it was written, as Slack does."""

import re
from collections.abc import Mapping
from types import MappingProxyType

_WRITTEN = """
+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|ok_hand 👌|wave 👋|clap 👏|pray 🙏|raised_hands 🙌|raised_hand ✋|muscle 💪
point_right 👉|point_left 👈|point_up ☝️|point_down 👇|eyes 👀|brain 🧠|handshake 🤝|writing_hand ✍️
smile 😄|slightly_smiling_face 🙂|grinning 😀|joy 😂|sweat_smile 😅|wink 😉|thinking_face 🤔|neutral_face 😐
disappointed 😞|cry 😢|scream 😱|sunglasses 😎|partying_face 🥳|face_with_monocle 🧐|zipper_mouth_face 🤐|sleeping 😴
white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️|x ❌|negative_squared_cross_mark ❎|no_entry ⛔
no_entry_sign 🚫|warning ⚠️|rotating_light 🚨|exclamation ❗|heavy_exclamation_mark ❗|question ❓|bangbang ‼️
information_source ℹ️|octagonal_sign 🛑|stop_sign 🛑|construction 🚧|sos 🆘|ok 🆗|new 🆕|100 💯|recycle ♻️
red_circle 🔴|large_orange_circle 🟠|large_yellow_circle 🟡|large_green_circle 🟢|large_blue_circle 🔵
large_purple_circle 🟣|white_circle ⚪|black_circle ⚫|large_red_square 🟥|large_green_square 🟩|large_yellow_square 🟨
white_large_square ⬜|black_large_square ⬛|small_red_triangle 🔺|small_blue_diamond 🔹|small_orange_diamond 🔸
lock 🔒|unlock 🔓|key 🔑|old_key 🗝️|closed_lock_with_key 🔐|lock_with_ink_pen 🔏|shield 🛡️|passport_control 🛂
hourglass ⌛|hourglass_flowing_sand ⏳|stopwatch ⏱️|timer_clock ⏲️|alarm_clock ⏰|clock1 🕐|clock3 🕒|calendar 📆
date 📅|spiral_calendar_pad 🗓️|arrows_counterclockwise 🔄|repeat 🔁|arrow_right ➡️|arrow_left ⬅️|arrow_up ⬆️|arrow_down ⬇️
leftwards_arrow_with_hook ↩️|arrow_forward ▶️|black_square_for_stop ⏹️|double_vertical_bar ⏸️|fast_forward ⏩
bell 🔔|no_bell 🔕|mega 📣|loudspeaker 📢|speech_balloon 💬|left_speech_bubble 🗨️|telephone_receiver 📞|pager 📟|phone ☎️
email 📧|envelope ✉️|incoming_envelope 📨|inbox_tray 📥|outbox_tray 📤|package 📦|memo 📝|pencil ✏️|pencil2 ✏️
clipboard 📋|page_facing_up 📄|page_with_curl 📃|bookmark_tabs 📑|scroll 📜|file_folder 📁|open_file_folder 📂
card_index_dividers 🗂️|file_cabinet 🗄️|paperclip 📎|link 🔗|pushpin 📌|round_pushpin 📍|label 🏷️|bookmark 🔖|mag 🔍
chart_with_upwards_trend 📈|chart_with_downwards_trend 📉|bar_chart 📊|wastebasket 🗑️|scales ⚖️|ledger 📒|books 📚
hospital 🏥|stethoscope 🩺|ambulance 🚑|pill 💊|syringe 💉|dna 🧬|microscope 🔬|test_tube 🧪|adhesive_bandage 🩹
computer 💻|desktop_computer 🖥️|gear ⚙️|wrench 🔧|hammer_and_wrench 🛠️|hammer 🔨|toolbox 🧰|electric_plug 🔌
battery 🔋|floppy_disk 💾|satellite 🛰️|globe_with_meridians 🌐|house 🏠|office 🏢|bank 🏦|cloud ☁️|sunny ☀️
zap ⚡|fire 🔥|boom 💥
fire_extinguisher 🧯|bulb 💡|flashlight 🔦|star ⭐|sparkles ✨|tada 🎉|rocket 🚀|dart 🎯|trophy 🏆|medal 🏅|crown 👑
gift 🎁
robot_face 🤖|ghost 👻|bug 🐛|beetle 🐞|snail 🐌|turtle 🐢|seedling 🌱|evergreen_tree 🌲|coffee ☕|pizza 🍕|cake 🍰
bust_in_silhouette 👤|busts_in_silhouette 👥|man 👨|woman 👩|detective 🕵️|ninja 🥷
heart ❤️|green_heart 💚|blue_heart 💙|purple_heart 💜|broken_heart 💔|checkered_flag 🏁|triangular_flag_on_post 🚩
one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣|five 5️⃣|six 6️⃣|seven 7️⃣|eight 8️⃣|nine 9️⃣|keycap_ten 🔟|zero 0️⃣|heavy_plus_sign ➕
"""  # noqa: RUF001  the information sign is meant

_ENTRIES = (entry.partition(" ") for line in _WRITTEN.split("\n") for entry in line.split("|") if entry)
EMOJI: Mapping[str, str] = MappingProxyType({name: sign for name, _, sign in _ENTRIES})

SHORTCODE = re.compile(r":([a-z0-9_+\-]+):(?::skin-tone-[2-6]:)?")


def with_emoji(text: str) -> str:
    """The text with the shortcodes known here turned into emoji."""
    return SHORTCODE.sub(lambda match: EMOJI.get(match[1], match[0]), text)
